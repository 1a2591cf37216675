# Fit a Gaussian mixture by mclust, and write the estimate that dfmr aggregate reads. No Node is
# needed on this machine. Of a table with a head, 3 components:
#   Rscript estimate-from-mclust.R ward-7.csv 3 ward-7.json
library(mclust)
library(jsonlite)

args <- commandArgs(trailingOnly = TRUE)
rows <- as.matrix(read.csv(args[1], check.names = FALSE))
order <- as.integer(args[2])
d <- ncol(rows)
fit <- Mclust(rows, G = order, modelNames = if (d == 1) "V" else "VVV", verbose = FALSE)
if (is.null(fit)) stop("mclust finds no such mixture: try fewer components")
means <- matrix(fit$parameters$mean, nrow = d)
variance <- fit$parameters$variance
covariances <- array(if (d == 1) variance$sigmasq else variance$sigma, c(d, d, order))

# toJSON rounds to 15 digits; 17 are exact
listed <- function(items) structure(paste0("[", paste(items, collapse = ","), "]"), class = "json")
exact <- function(x) listed(if (is.matrix(x)) apply(x, 1, exact) else sprintf("%.17g", x))
parameter <- function(k) {
  covariance <- matrix(covariances[, , k], d)
  list(mean = exact(means[, k]), covariance = exact((covariance + t(covariance)) / 2))
}
estimate <- list(
  format = "dfmr-estimate", version = 2, machine = tools::file_path_sans_ext(basename(args[1])),
  family = "gaussian", order = order, dimension = d, sampleSize = nrow(rows), names = I(colnames(rows)),
  weights = exact(fit$parameters$pro), parameters = lapply(seq_len(order), parameter),
  fitted = list(logLikelihood = fit$loglik)
)
part <- paste0(args[3], ".part")
writeLines(toJSON(estimate, auto_unbox = TRUE, json_verbatim = TRUE, digits = NA), part)
invisible(file.rename(part, args[3])) # whole or not there
