# The front door. Each target brings what it needs and says so; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo serve test prove bench size lint smoke bench-gateway npm gallery

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: ## build and serve the demo on 127.0.0.1:$PORT (8080): on the sandbox, or on SendAPI with SENDAPI_KEY set
	@scripts/demo

serve: ## the demo page alone under trunk on port 8081, rebuilt as you edit
	@scripts/serve

size: ## brotli size of what a page downloads for its first QR, asserted against the committed limit
	@scripts/size

bench: ## in Chromium: from a PNG to its drawing, from a navigation to a painted code, and ten minutes pending
	@scripts/bench

bench-gateway: ## the gateway beside nginx on the same upstream: requests, latency, upstream calls, memory
	@scripts/bench-gateway

npm: ## the npm package as it is published: the tarball in target/npm
	@scripts/npm

smoke: ## walk the five routes of the service that SENDAPI_KEY names (or of the sandbox) and report deviations
	@scripts/smoke

test: ## every kind of test, native and in browsers; ends with "N passed, N failed"
	@scripts/test

prove: ## the long proofs: every QR picture of the grid, a million simulated lifetimes, one line broken in each layer
	@scripts/prove

lint: ## formatting, clippy, documentation, licences, scripts
	@scripts/lint

gallery: ## pictures of every phase in both themes, two widths and both directions: target/gallery/index.html; ACCEPT=1 takes them as the looks to hold to
	@scripts/gallery
