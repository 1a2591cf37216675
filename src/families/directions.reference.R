# Densities and maximum likelihood of von Mises distributions by R's package circular.
# Run as: Rscript directions.reference.R > directions.reference.json
suppressPackageStartupMessages(library(circular))
options(digits = 17)
angles <- c(0.13, -2.9, 3.05, 2.2, 2.71, -3.0, 1.9, 2.98, 2.4, -2.5, 3.6, 9.1, 2.05, 1.2, -1.4)
places <- c(-3.1, -1, 0, 0.5, 2, 3.14)
densities <- list()
for (mu in c(-2, 0.7)) for (kappa in c(0, 0.2, 3, 40, 600)) {
  d <- dvonmises(circular(places), circular(mu), kappa)
  densities[[length(densities) + 1]] <- sprintf('[%.17g, %.17g, [%s]]', mu, kappa, paste(sprintf("%.17g", d), collapse = ", "))
}
fit <- mle.vonmises(circular(angles), bias = FALSE)
cat(sprintf('{\n "angles": [%s],\n "places": [%s],\n "densities": [\n  %s\n ],\n "mle": [%.17g, %.17g]\n}\n',
  paste(angles, collapse = ", "), paste(places, collapse = ", "), paste(unlist(densities), collapse = ",\n  "),
  as.numeric(fit$mu), fit$kappa))
