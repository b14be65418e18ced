package bundle

import (
	"crypto/elliptic"
	"testing"
)

// The small bundle is css-cert, sealed to X25519; the other is a share, sealed
// to the post-quantum hybrid.
func benchmarkKinds(b *testing.B, run func(b *testing.B, w *world, k Kind)) {
	w := newWorld(b, newEd25519)
	for _, k := range []Kind{KindCSSCert, KindShare} {
		b.Run(string(k), func(b *testing.B) {
			b.ReportAllocs()
			run(b, w, k)
			b.ReportMetric(float64(len(w.bundles[k].raw)), "bundle-bytes")
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	benchmarkKinds(b, func(b *testing.B, w *world, k Kind) {
		h, body := w.header(k), w.body(k)
		for b.Loop() {
			must(w.sealAs(h, body))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	benchmarkKinds(b, func(b *testing.B, w *world, k Kind) {
		for b.Loop() {
			must(Parse(w.bundles[k].raw))
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	benchmarkKinds(b, func(b *testing.B, w *world, k Kind) {
		anchors := w.anchors()
		for b.Loop() {
			must(w.bundles[k].Verify(anchors))
		}
	})
}

// BenchmarkOpen decrypts a share as a coprocessor would.
func BenchmarkOpen(b *testing.B) {
	benchmarkKinds(b, func(b *testing.B, w *world, k Kind) {
		v := must(w.bundles[k].Verify(w.anchors()))
		for b.Loop() {
			if k == KindShare {
				must(decrypt(v.Payload(), w.csr.share))
			} else {
				must(v.Open(w.css.box))
			}
		}
	})
}

// oneCode is the most that a QR code v25-L holds in base45: 1853 characters,
// three for two bytes.
const oneCode = 1235

// TestSizes prints the size of each kind, and holds that the small ones stay
// one QR code, and the others two, but for a csr-cert,
// when keys are Ed25519, statements of testShares shares.
func TestSizes(t *testing.T) {
	for name, makeKey := range map[string]keyMaker{
		"Ed25519": newEd25519, "P-256": newECDSA(elliptic.P256()), "P-384": newECDSA(elliptic.P384()),
	} {
		t.Run(name, func(t *testing.T) { checkSizes(t, newWorld(t, makeKey), name == "Ed25519") })
	}
}

func checkSizes(t *testing.T, w *world, bounded bool) {
	for _, k := range Kinds {
		size := len(w.bundles[k].raw)
		t.Logf("%-10s %5d bytes, header %d, age file %d", k, size, len(w.bundles[k].message.Protected), w.bundles[k].PayloadSize())
		codes := 1
		switch k {
		case KindCSRKey, KindShare, // a post-quantum key, or its ciphertext
			KindStatement: // one where there are four shares
			codes = 2
		case KindCSRCert: // such a key, two recipients, and a key for each share
			codes = 3
		}
		if bounded && size > codes*oneCode {
			t.Errorf("%s has %d bytes, which do not fit %d QR codes", k, size, codes)
		}
	}
}
