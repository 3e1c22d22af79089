# Sends a detection, withdraws it, and polls for published STIX bundles. Base R, and the program curl.
# VIGIE=http://127.0.0.1:8080 TOKEN=... Rscript detections.R
vigie <- Sys.getenv("VIGIE")
token <- Sys.getenv("TOKEN")
id <- paste0("example-", format(Sys.time(), "%Y%m%d%H%M%S"), "-", Sys.getpid())

ask <- function(path, body = NULL, headers = character(), options = character()) {
  headers <- c(paste("authorization: Bearer", token), "content-type: application/json", headers)
  arguments <- c("-sS", "--fail-with-body", options, rbind("-H", shQuote(headers)))
  input <- if (is.null(body)) "" else body
  if (!is.null(body)) arguments <- c(arguments, "--data-binary", "@-")
  answer <- system2("curl", c(arguments, shQuote(paste0(vigie, path))), stdout = TRUE, input = input)
  if (!is.null(attr(answer, "status"))) stop(paste(answer, collapse = "\n"))
  paste(answer, collapse = "\n")
}

detection <- sprintf('{"id": "%s", "detector": "example detector", "kind": "copy-paste",
  "title": {"en": "Burst of identical posts"}, "territories": ["NC"], "observed": {"from": "2024-05-15"},
  "counts": {"posts": 240}, "marking": "TLP:GREEN"}', id)
cat(ask("/detections?check=true", detection), "\n")
cat(ask("/detections", detection), "\n")

etag <- ask(paste0("/detections/", id), options = c("-o", "/dev/null", "-w", shQuote("%header{etag}")))
cat(ask(
  paste0("/detections/", id, "/withdraw"),
  '{"reason": "a test of the detector"}',
  c(paste("If-Match:", etag), paste0("Idempotency-Key: withdraw-", id))
), "\n")

cat(ask("/stix?limit=10", options = "-L"), "\n")
