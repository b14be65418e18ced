# The whole developer's interface. `just` lists it.

default:
    @just --list

# What to run before a commit: format, vet, staticcheck, short tests.
check: lint
    go test -short ./...

# Everything that CI runs, with every case of the long loops.
ci:
    bash .ci/run

# Build the one static binary, without what nobody calls: the writers of manual
# pages of the command package, and its guesses at misspelled commands.
build:
    CGO_ENABLED=0 go build -trimpath -tags urfave_cli_no_docs,urfave_cli_no_suggest -o gapferry ./cmd/gapferry

# All tests; of the long loops a sample.
test:
    go test ./...

# Tests under the race detector.
race:
    go test -race ./...

# Formatting, vet and staticcheck.
lint:
    test -z "$(gofmt -l .)"
    go vet ./...
    go tool staticcheck ./...

# Benchmarks of every package, one round each.
bench:
    GOGC=100 go test -run '^$' -bench . -benchtime 1x ./...

# Reading codes, side by side with other readers: what each reads of a corpus of
# bad pictures, and how fast. zxing-cpp comes from npm, zbarimg from Debian.
bench-qr:
    #!/usr/bin/env bash
    set -euo pipefail
    readers=${XDG_CACHE_HOME:-$HOME/.cache}/gapferry-readers
    [ -d "$readers/node_modules/zxing-wasm" ] || npm install --silent --prefix "$readers" zxing-wasm@3.1.4
    GAPFERRY_ZXING_WASM=$readers GAPFERRY_QR_ALL=1 go test -run '^$' -bench . -benchtime 1x -timeout 60m ./media/qr/qrtest

# Three machines without a network, in QEMU: see media/lab/README.md.
lab:
    GAPFERRY_LAB=1 go test -count=1 -v ./media/lab

# Sizes of every kind of bundle, and a ceremony to look at.
sizes:
    go run ./cmd/gapferry rehearse

# Fuzz each target for a while.
fuzz time="30s":
    for p in $(go list ./...); do for f in $(go test -list '^Fuzz' $p | grep '^Fuzz'); do go test -run '^$' -fuzz "^$f\$" -fuzztime {{time}} -fuzzminimizetime 5x $p || exit 1; done; done

# Ceremonies at random: so many seeds, from one on. GAPFERRY_WALK=SEED plays one
# seed alone, looks for the shortest list of moves, and prints all that is done.
walk seeds="2000" from="1":
    GOGC=800 GAPFERRY_WALKS={{seeds}} GAPFERRY_WALKS_FROM={{from}} go test ./cmd/gapferry -run 'TestWalks|TestDirectedWalks' -timeout 0

# Make the test vectors anew. They are frozen: only a new level may do this.
vectors:
    go test ./cmd/internal/ceremony -run TestVectors -update-vectors
    go test ./cmd/internal/transcript -run TestVectors -update-vectors
