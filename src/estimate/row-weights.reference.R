# Recomputes row-weights.reference.json: mixtures of weighted rows by me.weighted of mclust, without a prior, from given responsibilities.
#
# Run it beside the file, with Debian's r-cran-mclust and r-cran-jsonlite: Rscript row-weights.reference.R

suppressMessages(library(mclust))

rows <- as.matrix(iris[, 1:4])
n <- nrow(rows)
i <- seq_len(n)
weights <- 0.2 + ((7 * i) %% 11) / 4 + ((5 * i) %% 3) / 7
z <- 0.8 * unmap(iris$Species) + 0.2 / 3
iterations <- 25

# a mixture: weights, means and covariances, row by row
mixture <- function(fit) list(
  weights = fit$parameters$pro,
  means = t(fit$parameters$mean),
  covariances = lapply(seq_len(3), function(k) fit$parameters$variance$sigma[, , k])
)

# after `steps` M-steps, of which the first is from z
after <- function(model, steps) {
  control <- emControl(itmax = steps, tol = c(0, 0))
  me.weighted(rows, model, z, weights = weights / max(weights), control = control)
}

models <- c(gaussian = "VVV", "tied-gaussian" = "EEE", "diagonal-gaussian" = "VVI", "spherical-gaussian" = "VII")
results <- lapply(models, function(model) {
  fit <- after(model, iterations + 1)
  list(start = mixture(after(model, 1)), mixture = mixture(fit), logLikelihood = fit$loglik * max(weights))
})
source <- paste0("mclust ", packageVersion("mclust"), " on R's iris: me.weighted")
json <- list(source = source, iterations = iterations, rows = unname(rows), rowWeights = weights, results = results)
cat(jsonlite::toJSON(json, digits = I(17), auto_unbox = TRUE, matrix = "rowmajor"), file = "row-weights.reference.json")
cat("\n", file = "row-weights.reference.json", append = TRUE)
