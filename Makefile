# `make` prints this list. `make run` and `make test` need Go >= 1.26 and
# Node >= 20 and install everything else.

export CGO_ENABLED = 0
export GOFLAGS     = -mod=readonly

TOOLS    := $(CURDIR)/.tools
GOLANGCI := $(TOOLS)/golangci-lint-v2.15.0
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
STAMP    := github.com/prometheus/common/version
LDFLAGS  := -s -w -X $(STAMP).Version=$(VERSION) -X $(STAMP).Revision=$(REVISION) -X $(STAMP).Branch=$(shell git rev-parse --abbrev-ref HEAD 2>/dev/null)
PAGE     := ui/dist/app/index.html
PAGE_SRC := $(shell find web/src web/public web/vite web/index.html web/vite.config.ts web/package-lock.json -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help
help: ## print this list
	@awk -F':.*## ' '/^[a-z][a-z0-9-]*:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build and serve on http://127.0.0.1:4319
	bin/oriel serve

.PHONY: demo
demo: build ## serve, with a small shop that sends metrics, logs and traces
	bin/oriel demo --data-dir data/demo

.PHONY: build
build: $(PAGE) ## build bin/oriel, page included
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/oriel ./cmd/oriel

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): web/node_modules/.package-lock.json $(PAGE_SRC)
	cd web && npm run --silent build
	@touch $@

.PHONY: web
web: $(PAGE) ## build the page alone

# How many tests that may run side by side do: they wait for other programs most of the time, whatever processors there are.
BESIDE ?= 3

.PHONY: test
test: test-go test-web e2e ## every test: Go, page, end to end with real programs and a browser

.PHONY: test-go
test-go: ## Go tests
	go test -timeout 10m -parallel $(BESIDE) ./...

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## tests of the page's source
	cd web && npm run --silent typecheck && npm run --silent test

.PHONY: e2e
e2e: build ## the real binary against real programs; installs them on Debian
	cmd/oriel/e2e/install.sh
	ORIEL_BIN=$(CURDIR)/bin/oriel go test -tags e2e -count=1 -timeout 15m -parallel $(BESIDE) ./cmd/oriel/e2e/...

DIR ?= web/testdata/dashboards
OUT ?= docs/dashboards.md

.PHONY: dashboards
dashboards: build ## open every dashboard below DIR=… in Chromium, over data made from their queries
	node web/e2e/sweep/main.mjs bin/oriel $(DIR) $(OUT)

.PHONY: dashboards-real
dashboards-real: build ## open those of node_exporter and Prometheus below DIR=… over real ones; PROMETHEUS=… is the binary
	node web/e2e/sweep/real.mjs bin/oriel $(DIR) node-exporter-full prometheus--prometheus.json

.PHONY: large-dashboard
large-dashboard: build ## open a dashboard of 258 panels and 472 queries in Chromium and measure it
	node web/e2e/large/main.mjs bin/oriel

.PHONY: screenshots
screenshots: build ## a picture of every page, in every state and both themes, into docs/screenshots
	node web/e2e/screenshots.mjs bin/oriel docs/screenshots

.PHONY: fuzz
fuzz: ## a minute of each fuzz test
	@for pkg in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -rhoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' $$pkg | sed 's/func //' | sort -u); do \
	    go test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s ./$$pkg || exit 1; \
	  done; \
	done

.PHONY: bench
bench: ## Go benchmarks
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: bench-page
bench-page: build ## how fast pages open and charts draw in Chromium, beside their budgets
	node web/e2e/speed/main.mjs bin/oriel

.PHONY: sbom
sbom: build ## bills of materials of the binary and of the page in bin, as CycloneDX
	bin/oriel version --sbom > bin/oriel.cdx.json
	cd web && npm sbom --sbom-format cyclonedx --omit dev > ../bin/page.cdx.json

SIGNAL  ?= logs
TARGETS ?= oriel,victoria-logs,loki
RIVALS  ?= .tools/rivals

bin/bench: $(wildcard bench/*.go) go.mod
	go build -o $@ ./bench

.PHONY: bench-load
bench-load: build bin/bench ## oriel beside other servers, see docs/benchmarks.md
	BENCH_BIN_ORIEL=bin/oriel bin/bench $(SIGNAL) -targets $(TARGETS) -bin $(RIVALS) -markdown $(ARGS)

SOAK ?= 10m
RATE ?= 5000

.PHONY: soak
soak: build bin/bench ## steady mixed load for SOAK=10m: nothing lost, memory flat
	bin/bench soak -targets oriel-small-parts -bin bin -mix full -for $(SOAK) -rate $(RATE) $(ARGS)

$(GOLANGCI):
	GOBIN=$(TOOLS) GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv $(TOOLS)/golangci-lint $@

.PHONY: lint
lint: $(GOLANGCI) web/node_modules/.package-lock.json ## linters of Go and of the page
	$(GOLANGCI) run --build-tags e2e ./...
	cd web && npm run --silent lint

.PHONY: fmt
fmt: $(GOLANGCI) ## format Go code
	$(GOLANGCI) fmt ./...
