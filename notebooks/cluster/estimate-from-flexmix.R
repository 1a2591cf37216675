# Fit a mixture of linear regressions by flexmix, and write the estimate of a mixture of experts
# that dfmr aggregate reads. Of a table with a head and the response cost, 3 experts:
#   Rscript estimate-from-flexmix.R ward-7.csv cost 3 ward-7.json
library(flexmix)
library(jsonlite)

args <- commandArgs(trailingOnly = TRUE)
table <- read.csv(args[1], check.names = FALSE)
covariates <- setdiff(names(table), args[2])
x <- as.matrix(table[covariates])
y <- table[[args[2]]]
set.seed(1)
gates <- FLXPmultinom(~ x)
fit <- stepFlexmix(y ~ x, k = as.integer(args[3]), nrep = 10, verbose = FALSE, concomitant = gates)
found <- parameters(fit) # a column for each expert: intercept, slopes, standard deviation
d <- length(covariates)
# the same for gates, whose first row is 0; in the format the last one is
gates <- if (fit@k == 1) matrix(0, 1, 1 + d) else t(parameters(fit, which = "concomitant"))
gates <- sweep(gates, 2, gates[fit@k, ])

# toJSON rounds to 15 digits; 17 are exact
listed <- function(items) structure(paste0("[", paste(items, collapse = ","), "]"), class = "json")
exact <- function(x) listed(if (is.matrix(x)) apply(x, 1, exact) else sprintf("%.17g", x))
experts <- list(
  law = "gaussian", gates = exact(unname(gates)),
  coefficients = exact(unname(t(found[seq_len(1 + d), , drop = FALSE]))),
  variances = exact(found["sigma", ]^2)
)
estimate <- list(
  format = "dfmr-estimate", version = 2, machine = tools::file_path_sans_ext(basename(args[1])),
  experts = experts, order = fit@k, dimension = d, sampleSize = nrow(table),
  names = I(covariates), responses = I(args[2]),
  fitted = list(logLikelihood = as.numeric(logLik(fit)))
)
part <- paste0(args[4], ".part")
writeLines(toJSON(estimate, auto_unbox = TRUE, json_verbatim = TRUE, digits = NA), part)
invisible(file.rename(part, args[4])) # whole or not there
