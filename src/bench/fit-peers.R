# The peers of fit-peers.ts in R: mclust (VVV from its hierarchical clustering) and mixtools (from its random start).
# Usage: Rscript fit-peers.R FOLDER NAME RUNS, NAME mclust or mixtools: reads FOLDER/problems.json, and writes FOLDER/NAME.json with the
# solution of each problem, the CPU seconds of the fastest of RUNS runs, and null where there is none. A run that takes longer than
# LIMIT CPU seconds is ended, as mixtools may begin anew without end.
LIMIT <- 5
suppressMessages({ library(mclust); library(mixtools); library(jsonlite) })
folder <- commandArgs(TRUE)[1]
name <- commandArgs(TRUE)[2]
runs <- as.integer(commandArgs(TRUE)[3])
problems <- fromJSON(file.path(folder, "problems.json"))

withMclust <- function(x, K) {
  fit <- Mclust(x, G = K, modelNames = if (ncol(x) == 1) "V" else "VVV", verbose = FALSE)
  if (is.null(fit)) return(NULL)
  p <- fit$parameters
  sigma <- if (ncol(x) == 1) array(p$variance$sigmasq, c(1, 1, K)) else p$variance$sigma
  list(weights = p$pro, means = t(matrix(p$mean, ncol = K)), covariances = aperm(sigma, c(3, 1, 2)))
}

withMixtools <- function(x, K) {
  if (ncol(x) == 1) {
    fit <- normalmixEM(x[, 1], k = K, verb = FALSE)
    return(list(weights = fit$lambda, means = matrix(fit$mu), covariances = array(fit$sigma^2, c(K, 1, 1))))
  }
  fit <- mvnormalmixEM(x, k = K, verb = FALSE)
  sigma <- aperm(simplify2array(fit$sigma), c(3, 1, 2))
  list(weights = fit$lambda, means = do.call(rbind, fit$mu), covariances = sigma)
}

solver <- list(mclust = withMclust, mixtools = withMixtools)[[name]]
invisible(withMclust(matrix(rnorm(100), ncol = 2), 2)) # once, to warm up
answers <- lapply(seq_len(nrow(problems)), function(i) {
  problem <- problems[i, ]
  numbers <- readBin(file.path(folder, problem$file), "double", problem$n * problem$d)
  x <- matrix(numbers, ncol = problem$d, byrow = TRUE)
  seconds <- c()
  solution <- NULL
  for (run in seq_len(runs)) {
    set.seed(1)
    begin <- proc.time()
    setTimeLimit(cpu = LIMIT, transient = TRUE)
    capture.output(solution <- tryCatch(suppressWarnings(solver(x, problem$K)), error = function(e) NULL))
    setTimeLimit()
    seconds <- c(seconds, sum((proc.time() - begin)[1:2]))
    message(i, " ", problem$shape, " ", tail(seconds, 1))
  }
  list(solution = solution, seconds = min(seconds))
})
write_json(answers, file.path(folder, paste0(name, ".json")), auto_unbox = TRUE, null = "null", digits = NA)
