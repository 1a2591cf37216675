# The peer of bench.ts in R: as bench.py, one iteration of mclust's EM with full covariances, the mean of ten.
suppressMessages({ library(mclust); library(jsonlite) })
input <- file("stdin", "r")
while (length(line <- readLines(input, 1)) > 0) {
  if (line == "run") {
    start <- Sys.time()
    run()
    cat(1e3 * as.numeric(Sys.time() - start, units = "secs") / 10, "\n")
  } else {
    task <- fromJSON(line)
    X <- matrix(readBin(task$data, "double", task$n * task$d), ncol = task$d, byrow = TRUE)
    means <- matrix(readBin(task$means, "double", task$K * task$d), ncol = task$K)
    sigma <- array(cov(X), c(task$d, task$d, task$K))
    variance <- list(modelName = "VVV", d = task$d, G = task$K, sigma = sigma, cholsigma = array(chol(cov(X)), dim(sigma)))
    from <- list(pro = rep(1 / task$K, task$K), mean = means, variance = variance)
    run <- function() em(X, "VVV", from, control = emControl(itmax = 10, tol = 0))
    run()
    cat("ready\n")
  }
}
