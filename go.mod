module github.com/gapferry/gapferry

go 1.26.0

require (
	filippo.io/age v1.3.2
	github.com/fxamacker/cbor/v2 v2.10.0
	github.com/tyler-smith/go-bip39 v1.1.0
	github.com/veraison/go-cose v1.3.0
)

require (
	filippo.io/hpke v0.4.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/term v0.47.0 // indirect
)
