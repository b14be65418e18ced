package coproctest

import (
	"errors"
	"testing"

	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
)

func testRegister(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	sa, other := f.newSigner(t), f.newSigner(t)
	hash := func(want error, s signer) {
		t.Helper()
		r := as[coproc.Registrar](d, Hasher)
		d.refused(want, func() error { return r.RegisterHash(s.public.Thumbprint()) })
	}
	key := func(want error, k coproc.PublicKey) {
		t.Helper()
		r := as[coproc.Registrar](d, Keyer)
		d.refused(want, func() error { return r.RegisterKey(k) })
	}
	registered := func(hash *coproc.Thumbprint, by string, key coproc.PublicKey, keyBy string) {
		t.Helper()
		d.close()
		d.openAgain()
		i := d.info()
		equal(t, "SA-key hash", i.SAHash, hash)
		equal(t, "SA key", i.SAKey, key)
		equal(t, "registered by", [2]string{i.SAHashBy, i.SAKeyBy}, [2]string{by, keyBy})
	}
	thumbprint := sa.public.Thumbprint()

	key(coproc.ErrNoHash, sa.public)
	registered(nil, "", coproc.PublicKey{}, "")
	ok(t, as[coproc.Registrar](d, Hasher).RegisterHash(thumbprint))
	registered(&thumbprint, Hasher, coproc.PublicKey{}, "")
	hash(nil, sa) // again: nothing changes
	hash(coproc.ErrRegistered, other)
	key(coproc.ErrHashDiffers, other.public)
	key(coproc.ErrHashDiffers, coproc.PublicKey{})
	ok(t, as[coproc.Registrar](d, Keyer).RegisterKey(sa.public))
	registered(&thumbprint, Hasher, sa.public, Keyer)
	key(nil, sa.public)
	key(coproc.ErrRegistered, other.public)
	hash(coproc.ErrRegistered, other)
	hash(nil, sa)
}

func testKeys(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("ONE", 2, 3))
	var want []coproc.RetainedKey
	for _, n := range []struct {
		name string
		role coproc.NodeRole
	}{{"sa", coproc.SA}, {"css", coproc.CSS}, {"csr1", coproc.CSR}, {"abcdefghij-2", coproc.CSR}} {
		keys := try(as[coproc.KeyOwner](d, Officer).GenerateKey(n.name, n.role)).must(t)
		hand := f.newHandNode(t, n.name, n.role).keys
		equal(t, "the box is", boxKind(keys.Box), boxKind(hand.Box))
		equal(t, "the share box is", boxKind(keys.ShareBox), boxKind(hand.ShareBox))
		if keys.Audit != d.info().AuditKey {
			t.Errorf("the audit key of %s is not the coprocessor's", n.name)
		}
		want = append(want, coproc.RetainedKey{Node: n.name, Role: n.role, Keys: keys, By: Officer})
	}
	d.close()
	d.openAgain()
	equal(t, "retained keys", d.info().Retained, want)

	for i, k := range want {
		protected := try(coproc.ProtectedFor(k.Keys.Sign)).must(t)
		m := cosesig.Message{Protected: protected, Payload: []byte(k.Node)}
		m.Signature = try(as[coproc.KeyOwner](d, Officer).SignBundle(k.Node, m.Protected, m.Payload)).must(t)
		ok(t, m.Verify(cosesig.DomainBundle, k.Keys.Sign))
		if err := m.Verify(cosesig.DomainCertificate, k.Keys.Sign); !errors.Is(err, cosesig.ErrSignature) {
			t.Errorf("a bundle's signature as a certificate's: %v", err)
		}

		// Who makes the keys of a node does not open what is for it.
		opener := ShareOfficer(1)
		if k.Role == coproc.SA {
			opener = Grantor
		}
		for _, other := range []string{Officer, Setter, Hasher, Part1} {
			o := as[coproc.KeyOwner](d, other)
			if other == Officer && k.Role == coproc.CSR {
				continue // who voids a share set opens its cancel
			}
			d.refused(coproc.ErrAccess, func() error { return try(o.Identity(k.Node)).err })
		}
		id := try(as[coproc.KeyOwner](d, opener).Identity(k.Node)).must(t)
		equal(t, "opened", string(try(openWith(f.sealTo(t, k.Keys.Box, []byte("hello")), id)).must(t)), "hello")
		next := want[(i+1)%len(want)].Keys
		if _, err := openWith(f.sealTo(t, next.Box, []byte("hello")), id); err == nil {
			t.Errorf("%s opens what is for another node", k.Node)
		}
		if k.Keys.ShareBox != "" {
			id := try(as[coproc.KeyOwner](d, ShareOfficer(1)).Identity(k.Node)).must(t)
			if _, err := openWith(f.sealTo(t, k.Keys.ShareBox, []byte("a share")), id); err == nil {
				t.Errorf("%s opens shares", k.Node)
			}
		}
	}

	o := as[coproc.KeyOwner](d, Officer)
	generate := func(want error, name string, role coproc.NodeRole) {
		t.Helper()
		d.refused(want, func() error { return try(o.GenerateKey(name, role)).err })
	}
	generate(coproc.ErrKeyExists, "css", coproc.CSS)
	generate(coproc.ErrKeyExists, "css", coproc.CSR)
	for _, bad := range []struct {
		name string
		role coproc.NodeRole
	}{{"", coproc.CSS}, {"CSS", coproc.CSS}, {"abcdefghijklm", coproc.CSS}, {"../css", coproc.CSS}, {"new", ""}, {"new", "css"}} {
		if _, err := o.GenerateKey(bad.name, bad.role); err == nil {
			t.Errorf("keys for node %q of role %q", bad.name, bad.role)
		}
	}
	equal(t, "retained keys", d.info().Retained, want)
	d.refused(coproc.ErrNoKey, func() error { return try(o.SignBundle("csr9", []byte{0xa0}, nil)).err })
	d.refused(coproc.ErrNoKey, func() error { return try(o.Identity("csr9")).err })
}

func testCertify(t *testing.T, f Family) {
	d := newDevice(t, f, Setup("SA", 2, 3))
	sa := try(as[coproc.KeyOwner](d, Officer).GenerateKey("sa", coproc.SA)).must(t)
	try(as[coproc.KeyOwner](d, Officer).GenerateKey("css", coproc.CSS)).must(t)
	target := f.newHandNode(t, "csr1", coproc.CSR)
	good := claims(target.id, coproc.CSR, target.keys)
	c := as[coproc.Certifier](d, Grantor)

	cert := try(c.Certify("sa", good)).must(t)
	equal(t, "claims", cert.Claims(), good)
	equal(t, "parsed again", try(coproc.ParseCertificate(cert.Bytes(), sa.Sign)).must(t), cert)

	refuse := func(want error, sa string, change func(*coproc.Claims)) {
		t.Helper()
		bad := good
		change(&bad)
		d.refused(want, func() error { return try(c.Certify(sa, bad)).err })
	}
	unchanged := func(*coproc.Claims) {}
	refuse(coproc.ErrNoKey, "csr1", unchanged)
	refuse(coproc.ErrNoKey, "css", unchanged)
	refuse(coproc.ErrCertificate, "sa", func(c *coproc.Claims) { c.Ceremony[0]++ })
	refuse(coproc.ErrCertificate, "sa", func(c *coproc.Claims) { c.Rehearsal = false })
	refuse(coproc.ErrCertificate, "sa", func(c *coproc.Claims) { c.Role = coproc.SA })
	refuse(coproc.ErrCertificate, "sa", func(c *coproc.Claims) { c.Role = coproc.CSS })
	refuse(coproc.ErrCertificate, "sa", func(c *coproc.Claims) { c.Keys.ShareBox = "" })
	refuse(coproc.ErrCertificate, "sa", func(c *coproc.Claims) { c.Generation = 0 })
	refuse(coproc.ErrCertificate, "sa", func(c *coproc.Claims) { c.NotAfter = c.NotBefore })
}
