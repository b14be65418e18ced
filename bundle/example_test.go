package bundle_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

// signer is a software key that makes bundles.
type signer struct{ key crypto.Signer }

func (s signer) Public() coproc.PublicKey {
	k, _ := cosesig.NewPublicKey(s.key.Public())
	return k
}

func (s signer) SignBundle(protected, payload []byte) ([]byte, error) {
	return cosesig.SignDetached(cosesig.DomainBundle, protected, payload, s.key)
}

// exampleRequest makes the css-key bundle that FORMAT.md shows.
func exampleRequest(to age.Recipient) (*bundle.Sealed, error) {
	css := signer{ed25519.NewKeyFromSeed([]byte("gapferry FORMAT.md example seed!"))}
	h := bundle.Header{
		Ceremony: coproc.CeremonyID([]byte("example ceremony")),
		Kind:     bundle.KindCSSKey,
		Phase:    bundle.KindCSSKey.Phase(),
		From: coproc.NodeID{
			Name:   "css",
			Serial: coproc.Serial([]byte("SOFT0002")),
			EID:    coproc.EID([]byte("SOURCE          ")),
		},
		To:       []string{"sa"},
		Sequence: 1,
		Answers:  coproc.DigestOf([]byte("the sa-key bundle")),
		Time:     1_770_000_000,
		Key:      css.Public().Bytes(),
	}
	return bundle.Seal(h, bundle.RequestBody{
		Node: h.From,
		Role: coproc.CSS,
		Keys: coproc.Keys{
			Sign:   css.Public(),
			Box:    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
			Audit:  css.Public(),
			Intake: "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z",

			Officers: coproc.DigestOf([]byte("the officers of SOFT0002")),
		},
		Nonce: [16]byte([]byte("an example nonce")),
	}, []age.Recipient{to}, css)
}

// A bundle is read in three steps. This one is the request that FORMAT.md
// takes apart; its protected header, in CBOR diagnostic notation, comes first.
func ExampleParse() {
	sa, _ := age.GenerateX25519Identity() // the SA node's; it stays in its coprocessor
	made, err := exampleRequest(sa.Recipient())
	if err != nil {
		fmt.Println(err)
		return
	}

	sealed, err := bundle.Parse(made.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	printProtected(sealed.Bytes())

	// css-key brings its own key: what verifies is that its maker has it.
	verified, err := sealed.Verify(bundle.Anchors{})
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := verified.Open(sa)
	if err != nil {
		fmt.Println(err)
		return
	}
	request, err := bundle.BodyAs[bundle.RequestBody](opened)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(request.Node, "asks for a certificate as", request.Role)
	name, _, _ := strings.Cut(opened.Header().FileName(opened.Digest()), "-"+opened.Digest().Short())
	fmt.Println(opened.Header().Database(), name)
	// Output:
	// {1: -8, 3: "application/vnd.age", 4: h'143aca1c11afed402286c8afb87864bf', -65537: {1: 1, 2: h'6578616d706c6520636572656d6f6e79', 3: "css-key", 4: "2a", 5: {1: "css", 2: h'534f465430303032', 3: h'534f5552434520202020202020202020'}, 6: ["sa"], 7: 1, 8: h'f4c9e1fd521fe09da55bdf0dfddd9cc8fca6fce0883069cb206463554be60b9d', 10: 1770000000, 12: h'a3010120062158209270fee64089019f429cb750f4d05775f26df297c4a76341133caac02555c514'}}
	// css (serial SOFT0002, EID "SOURCE") asks for a certificate as CSS
	// sa.db css-key-css-0001
}

// Whoever changes a bundle on its way, in the header that everybody can read or
// in what nobody can, breaks the signature of its maker.
func ExampleSealed_Verify() {
	sa, _ := age.GenerateX25519Identity()
	made, err := exampleRequest(sa.Recipient())
	if err != nil {
		fmt.Println(err)
		return
	}
	raw := made.Bytes()
	changed := bytes.Replace(raw, []byte("SOFT0002"), []byte("SOFT0003"), 1)
	for _, raw := range [][]byte{raw, changed} {
		sealed, err := bundle.Parse(raw)
		if err != nil {
			fmt.Println(err)
			return
		}
		from := sealed.UnverifiedHeader().From // anyone could have written it
		_, err = sealed.Verify(bundle.Anchors{})
		fmt.Println(from.Serial, err, errors.Is(err, bundle.ErrSignature))
	}
	// Output:
	// SOFT0002 <nil> false
	// SOFT0003 the signature of the bundle is not good: signature does not verify: verification error true
}

// Each kind of bundle has one type inside.
func ExampleBodyAs() {
	sa, _ := age.GenerateX25519Identity()
	made, err := exampleRequest(sa.Recipient())
	if err != nil {
		fmt.Println(err)
		return
	}
	verified, err := made.Verify(bundle.Anchors{})
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := verified.Open(sa)
	if err != nil {
		fmt.Println(err)
		return
	}
	request, err := bundle.BodyAs[bundle.RequestBody](opened)
	fmt.Println(request.Role, err)
	_, err = bundle.BodyAs[bundle.CertificateBody](opened)
	fmt.Println(err)
	// Output:
	// CSS <nil>
	// not the kind of bundle for this: it is "css-key", wanted is ["css-cert" "csr-cert"]
}

// printProtected prints the protected header of a bundle.
func printProtected(b []byte) {
	var message struct {
		_ struct{} `cbor:",toarray"`

		Protected   []byte
		Unprotected map[any]any
		Payload     []byte
		Signature   []byte
	}
	if err := cbor.Unmarshal(b[1:], &message); err != nil { // without tag 18
		fmt.Println(err)
		return
	}
	text, err := cbor.Diagnose(message.Protected)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(text)
}
