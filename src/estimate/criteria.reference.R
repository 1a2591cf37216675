# Makes criteria.reference.json: BIC, ICL and AIC of mixtures that R's mclust fits to ../../data/old-faithful.csv. mclust's BIC and ICL are
# the greater the better, and its ICL takes of each row only the log of its greatest responsibility; `entropy` is of all of them.
#
# Run it beside the file, with Debian's r-cran-mclust and r-cran-jsonlite: Rscript criteria.reference.R
suppressMessages(library(mclust))

rows <- as.matrix(read.csv("../../data/old-faithful.csv", comment.char = "#"))
fits <- lapply(
  list(c("VVV", 2), c("VVV", 3), c("EEE", 3), c("VVI", 3), c("VII", 4)),
  function(of) {
    fit <- Mclust(rows, G = as.integer(of[2]), modelNames = of[1], verbose = FALSE)
    z <- estep(modelName = of[1], data = rows, parameters = fit$parameters)$z # of the parameters as they are
    list(
      model = of[1],
      weights = fit$parameters$pro,
      means = t(fit$parameters$mean),
      covariances = lapply(seq_len(fit$G), function(k) fit$parameters$variance$sigma[, , k]),
      logLikelihood = fit$loglik,
      sampleSize = fit$n,
      freeParameters = fit$df,
      bic = fit$bic,
      icl = fit$icl,
      aic = AIC(fit),
      entropy = -sum(ifelse(z > 0, z * log(z), 0))
    )
  }
)
writeLines(jsonlite::toJSON(fits, digits = NA, auto_unbox = TRUE, pretty = 1), "criteria.reference.json")
