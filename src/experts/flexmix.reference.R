# Recomputes flexmix.reference.json: mixtures of regressions and of experts by flexmix (Leisch 2004; Gruen and Leisch 2008), on its data
# NPreg and on the tone perception data (Cohen 1980) in data/tone-perception.csv.
#
# Run it beside the file, with Debian's r-cran-flexmix and r-cran-jsonlite: Rscript flexmix.reference.R

suppressMessages(library(flexmix))
library(jsonlite)

data("NPreg", package = "flexmix")
tone <- read.csv("../../data/tone-perception.csv")

# flexmix divides the squares of Gaussian residuals by n - p; that of the maximum of the likelihood is n
likely <- FLXMRglm(family = "gaussian")
likely@fit <- function(x, y, w, component) {
  fit <- lm.wfit(x, y, w = w)
  sigma <- sqrt(sum(w * fit$residuals^2) / sum(w))
  likely@defineComponent(para = list(coef = coef(fit), df = ncol(x) + 1, sigma = sigma))
}

one <- function(name, data, formula, model, cluster, gates = FLXPconstant(), weights = NULL) {
  fit <- flexmix(formula, data = data, k = max(cluster), model = model, cluster = cluster, concomitant = gates, weights = weights,
                 control = list(tolerance = 1e-13, iter.max = 20000, minprior = 0))
  parts <- parameters(fit)
  list(name = name, logLikelihood = as.numeric(logLik(fit)), bic = BIC(fit), aic = AIC(fit), parameters = attr(logLik(fit), "df"),
       coefficients = unname(lapply(seq_len(ncol(parts)), function(k) unname(parts[grep("coef", rownames(parts)), k]))),
       sigma = if ("sigma" %in% rownames(parts)) unname(parts["sigma", ]),
       gates = if (is(gates, "FLXPmultinom")) unname(lapply(seq_len(ncol(parts)), function(k) unname(fit@concomitant@coef[, k]))),
       shares = unname(prior(fit)))
}

set.seed(1)
half <- function(y) 1 + (y > median(y))
cases <- list(
  one("NPreg, Gaussian", NPreg, yn ~ x + I(x^2), likely, NPreg$class),
  one("NPreg, Gaussian, as published", NPreg, yn ~ x + I(x^2), FLXMRglm(family = "gaussian"), NPreg$class),
  one("NPreg, Gaussian, gates", NPreg, yn ~ x + I(x^2), likely, NPreg$class, FLXPmultinom(~ x + I(x^2))),
  one("NPreg, Poisson", NPreg, yp ~ x, FLXMRglm(family = "poisson"), NPreg$class),
  one("NPreg, Poisson, gates", NPreg, yp ~ x, FLXMRglm(family = "poisson"), NPreg$class, FLXPmultinom(~ x)),
  one("NPreg, Gaussian, weights", NPreg, yn ~ x + I(x^2), likely, NPreg$class, weights = rep(1:4, 50)),
  one("tone", tone, tuned ~ stretch.ratio, likely, half(tone$tuned)),
  one("tone, as published", tone, tuned ~ stretch.ratio, FLXMRglm(family = "gaussian"), half(tone$tuned))
)
data <- list(x = NPreg$x, yn = NPreg$yn, yp = NPreg$yp)
writeLines(toJSON(list(NPreg = data, cases = cases), auto_unbox = TRUE, digits = NA), "flexmix.reference.json")
for (case in cases) cat(case$name, case$logLikelihood, case$bic, case$parameters, "\n")
