# Recomputes noise.reference.json: EM of mclust with a noise component, at penalty 0, for the four Gaussian families, each from one start.
#
# Run it beside the file, with Debian's r-cran-mclust and r-cran-jsonlite: Rscript noise.reference.R

suppressMessages(library(mclust))
library(jsonlite)

set.seed(16)
clusters <- rbind(
  cbind(rnorm(60, 0, 1), rnorm(60, 0, 0.6)),
  cbind(rnorm(50, 5, 0.7), rnorm(50, 3, 1)),
  cbind(rnorm(40, 1, 0.8), rnorm(40, 6, 0.8))
)
noise <- cbind(runif(30, -10, 14), runif(30, -8, 12))
x <- round(rbind(clusters, noise), 3)
volume <- prod(apply(x, 2, function(column) diff(range(column))))

start <- list(weights = c(0.3, 0.3, 0.4), noise = 0.1, means = rbind(c(0.5, 0.5), c(4, 3), c(1, 5)))
d <- 2
K <- 3
variance <- list(
  VVV = list(modelName = "VVV", d = d, G = K, sigma = array(diag(2, 2), c(2, 2, 3)), cholsigma = array(chol(diag(2, 2)), c(2, 2, 3))),
  VVI = list(modelName = "VVI", d = d, G = K, scale = rep(2, K), shape = matrix(1, d, K)),
  VII = list(modelName = "VII", d = d, G = K, sigmasq = rep(2, K), scale = rep(2, K)),
  EEE = list(modelName = "EEE", d = d, G = K, Sigma = diag(2, 2), cholSigma = chol(diag(2, 2)))
)
family <- c(VVV = "gaussian", VVI = "diagonal-gaussian", VII = "spherical-gaussian", EEE = "tied-gaussian")

fits <- lapply(names(variance), function(model) {
  parameters <- list(
    pro = c((1 - start$noise) * start$weights, start$noise),
    mean = t(start$means), variance = variance[[model]], Vinv = 1 / volume
  )
  at <- estep(x, modelName = model, parameters = parameters)
  end <- em(x, modelName = model, parameters = parameters, control = emControl(tol = c(1e-15, 1e-15), itmax = c(20000, 20000)))
  pro <- end$parameters$pro
  sigma <- end$parameters$variance$sigma
  list(
    family = family[[model]],
    startLogLikelihood = at$loglik,
    startNoise = at$z[c(1, 151, 180), K + 1],
    logLikelihood = end$loglik,
    noise = pro[K + 1],
    weights = pro[1:K] / sum(pro[1:K]),
    means = t(end$parameters$mean),
    covariances = lapply(1:K, function(k) sigma[, , k])
  )
})
write(toJSON(list(rows = x, volume = volume, start = start, fits = fits), digits = NA, auto_unbox = TRUE), "noise.reference.json")
