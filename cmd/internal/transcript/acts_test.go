package transcript

import (
	"bytes"
	"fmt"

	"filippo.io/age"

	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/journal"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
	"github.com/gapferry/gapferry/coproc"
	"github.com/gapferry/gapferry/coproc/cosesig"
	"github.com/gapferry/gapferry/coproc/detcbor"
)

// run does the whole ceremony, in the records of the phases.
func (w *world) run() *world {
	w.establish()
	w.at("established")
	for _, t := range w.plan.Targets() {
		w.certify(t.Name)
	}
	w.at("certified")
	for _, t := range w.plan.Targets() {
		w.obtain(t.Name)
	}
	w.at("obtained")
	for _, t := range w.plan.Targets() {
		w.install(t.Name)
	}
	w.at("installed")
	for _, t := range w.plan.Targets() {
		w.receive(t.Name)
	}
	w.at("received")
	w.now += 3600
	for _, b := range w.order {
		w.export(b)
	}
	w.at("exported")
	return w
}

// establish does phases 1, 2a, 3a and 2b.
func (w *world) establish() {
	for _, b := range w.order {
		b.write("ADMIN", journal.Record{Event: journal.EventInit, Data: data(journal.InitData{
			Plan: coproc.DigestOf(w.text), AuditKey: public(b.audit), Serial: b.serial, Device: b.device, Ceremony: w.plan.CeremonyID(), Officers: b.officers,
		}), Text: "coprocessor " + b.device})
	}
	sa := w.nodes[w.plan.SA().Name]
	sa.task("AUDITOR", procedure.TaskAudit, journal.Record{})
	sa.task("KEYGEN", procedure.TaskGenerateKey, journal.Record{})
	w.saKey = sa.make("KEYGEN", "", bundle.Header{Kind: bundle.KindSAKey}, bundle.SAKeyBody{Keys: sa.keys, Plan: w.text})
	w.at("hash shown")
	sa.task("HASH", procedure.TaskRegisterHash, journal.Record{})
	sa.task("KEYREG", procedure.TaskRegisterKey, journal.Record{Data: data(sa.keys)})

	css := w.nodes[w.plan.Source().Name]
	css.begin()
	w.at("begun")
	css.task("VERIFIER", procedure.TaskObtainMasterKey, journal.Record{Data: w.pattern[:]})
	css.request(bundle.KindCSSKey)
	for _, t := range w.plan.Targets() {
		n := w.nodes[t.Name]
		n.begin()
		n.request(bundle.KindCSRKey)
	}
	w.certify(css.name)
}

// begin is what phases 2a and 3a have in common.
func (n *node) begin() {
	n.task("AUDITOR", procedure.TaskAudit, journal.Record{})
	n.b.w.at("audited " + n.name)
	n.task("HASH", procedure.TaskRegisterHash, journal.Record{})
	n.took("KEYREG", bundle.KindSAKey, n.b.w.plan.SA().Name, n.b.w.saKey, data(n.b.w.nodes[n.b.w.plan.SA().Name].keys))
	n.task("KEYREG", procedure.TaskRegisterKey, journal.Record{})
	n.task("KEYGEN", procedure.TaskGenerateKey, journal.Record{})
}

func (n *node) request(kind bundle.Kind) {
	n.make("KEYGEN", "", bundle.Header{Kind: kind, To: []string{"sa"}, Answers: n.b.w.saKey, Key: n.keys.Sign.Bytes()},
		bundle.RequestBody{Node: n.id, Role: n.where.Role, Keys: n.keys})
}

// certify has the SA certify a node, and source or target take it in.
func (w *world) certify(name string) {
	w.grant(name, w.claims(name))
	if name == w.plan.Source().Name {
		css := w.nodes[name]
		css.took("SHARE1", bundle.KindCSSCert, name, w.answers[name], w.cert[name])
	}
}

// claims are those of the next certificate for a node.
func (w *world) claims(name string) coproc.Claims {
	n := w.nodes[name]
	kind := bundle.KindCSRKey
	if n.where.Role == coproc.CSS {
		kind = bundle.KindCSSKey
	}
	w.gen[name]++
	return coproc.Claims{
		Ceremony: w.plan.CeremonyID(), Node: n.id, Role: n.where.Role, Generation: w.gen[name], Keys: n.keys,
		Answers: w.readable[fmt.Sprint(kind, " ", name, " ")], NotBefore: w.now, NotAfter: w.now + 30*24*60*60, Rehearsal: w.plan.Rehearsal,
	}
}

// grant has the SA sign claims, whatever they say.
func (w *world) grant(name string, c coproc.Claims) {
	sa, n := w.nodes[w.plan.SA().Name], w.nodes[name]
	task, kind, to := procedure.TaskCertifyCSR, bundle.KindCSRCert, []string{w.plan.Source().Name, name}
	h := bundle.Header{Kind: kind, To: to, Answers: c.Answers, About: name}
	if n.where.Role == coproc.CSS {
		task, h = procedure.TaskCertifyCSS, bundle.Header{Kind: bundle.KindCSSCert, To: []string{name}, Answers: c.Answers}
	}
	raw := sa.seal(cosesig.DomainCertificate, c)
	request := c.Answers
	sa.task("CERTIFIER", task, journal.Record{Peer: name, Bundle: &request, Data: raw})
	w.cert[name] = raw
	w.answers[name] = sa.make("CERTIFIER", name, h, bundle.CertificateBody{Certificate: raw})
}

// seal signs a certificate or a statement.
func (n *node) seal(d cosesig.Domain, v any) []byte {
	m := must(cosesig.Sign(d, must(coproc.ProtectedFor(n.Public())), must(detcbor.Marshal(v)), n.key))
	return must(m.Bytes())
}

// shareDigest is what stands for the bundle of a share: shares are not in a
// transcript.
func shareDigest(set coproc.ShareSetID, i int) coproc.Digest {
	return coproc.DigestOf([]byte(fmt.Sprint(set, i)))
}

// obtain has the source obtain all shares for a target, and state them.
func (w *world) obtain(name string) {
	css := w.nodes[w.plan.Source().Name]
	css.took("SHARE1", bundle.KindCSRCert, name, w.answers[name], w.cert[name])
	w.share(name)
}

func (w *world) share(name string) {
	css := w.nodes[w.plan.Source().Name]
	digest := coproc.DigestOf([]byte(fmt.Sprint("set", name, w.now)))
	set := coproc.ShareSetID(digest[:16])
	w.sets[name], w.shares[name] = set, nil
	for i := 1; i <= w.plan.N; i++ {
		css.seq++
		profile, payload := fmt.Sprintf("SHARE%d", i), coproc.DigestOf([]byte(fmt.Sprint("payload", set, i)))
		h := bundle.Header{Kind: bundle.KindShare, Answers: w.answers[name], Sequence: css.seq, Share: &bundle.ShareRef{Set: set, Index: uint8(i)}}
		css.wrote(profile, name, h, shareDigest(set, i), journal.WrittenData{Payload: payload, ShareSet: set})
		css.task(profile, procedure.TaskObtainShares, journal.Record{Peer: name, Share: i})
		w.shares[name] = append(w.shares[name], payload)
	}
	w.state(name, w.statement(name))
}

func (w *world) statement(name string) coproc.Statement {
	return coproc.Statement{
		Ceremony: w.plan.CeremonyID(), ShareSet: w.sets[name], Class: w.plan.MasterKeyClass(), M: uint8(w.plan.M), N: uint8(w.plan.N),
		Pattern: w.pattern, Source: w.nodes[w.plan.Source().Name].id, Target: w.nodes[name].id,
		Certificate: coproc.DigestOf(w.cert[name]), Shares: w.shares[name],
	}
}

// state has the source sign a statement, whatever it says.
func (w *world) state(name string, s coproc.Statement) {
	css := w.nodes[w.plan.Source().Name]
	raw := css.seal(cosesig.DomainStatement, s)
	w.readable["signed "+name] = coproc.DigestOf(raw)
	w.cert["statement "+name] = raw
	css.make(fmt.Sprintf("SHARE%d", w.plan.N), name, bundle.Header{
		Kind: bundle.KindStatement, To: []string{name}, Answers: w.answers[name], Certificate: w.cert[css.name],
	}, bundle.StatementBody{Statement: raw})
}

// install does phase 3d at a target, with the first m shares.
func (w *world) install(name string) {
	n, css := w.nodes[name], w.nodes[w.plan.Source().Name]
	n.took("SHARE1", bundle.KindCSRCert, name, w.answers[name], w.cert[name])
	w.compare(name, "SHARE1")
	n.took("SHARE1", bundle.KindStatement, css.name, w.stated(name), data(journal.StatedData{
		Certificate: w.cert[css.name], Statement: w.cert["statement "+name],
	}))
	for i := 1; i <= w.plan.M; i++ {
		w.installShare(name, i)
	}
	w.verifyAndSet(name)
}

// compare has an officer of a target compare the source's keys.
func (w *world) compare(name, profile string) {
	css := w.plan.Source().Name
	w.nodes[name].b.write(profile, journal.Record{Event: journal.EventCompared, Node: name, Peer: css, Text: "the same", Data: data(journal.ComparedData{
		Certificate: coproc.DigestOf(w.cert[css]), ShareSet: w.sets[name],
	})})
}

func (w *world) stated(name string) coproc.Digest {
	return w.readable[fmt.Sprint(bundle.KindStatement, " ", w.plan.Source().Name, " ", name)]
}

func (w *world) installShare(name string, i int) {
	d := shareDigest(w.sets[name], i)
	w.nodes[name].task(fmt.Sprintf("SHARE%d", i), procedure.TaskInstallShares, journal.Record{Share: i, Bundle: &d})
}

func (w *world) verifyAndSet(name string) {
	n := w.nodes[name]
	n.task("VERIFIER", procedure.TaskVerify, journal.Record{Data: w.pattern[:]})
	w.compare(name, "SETTER")
	n.task("SETTER", procedure.TaskSet, journal.Record{Data: w.pattern[:]})
	full := coproc.Register{State: coproc.Full, Pattern: w.pattern}
	body := bundle.ReceiptBody{
		Statement: w.readable["signed "+name], ShareSet: w.sets[name], Class: w.plan.MasterKeyClass(), Pattern: w.pattern, Current: full, By: "SETTER",
	}
	for i := range w.plan.M {
		body.Installed = append(body.Installed, uint8(i+1))
	}
	to := []string{w.plan.Source().Name, w.plan.SA().Name}
	n.make("SETTER", "", bundle.Header{Kind: bundle.KindReceipt, To: to, Answers: w.stated(name)}, body)
}

// receive has source and SA take in a receipt.
func (w *world) receive(name string) {
	d := w.receiptData(name)
	for _, at := range []string{w.plan.Source().Name, w.plan.SA().Name} {
		if at == w.plan.SA().Name && w.nodes[at].b == w.nodes[w.plan.Source().Name].b {
			continue // one coprocessor: the source takes it in
		}
		w.nodes[at].took("AUDITOR", bundle.KindReceipt, name, w.readable[fmt.Sprint(bundle.KindReceipt, " ", name, " ")], data(d))
	}
}

func (w *world) receiptData(name string) journal.ReceiptData {
	d := journal.ReceiptData{Pattern: w.pattern, By: "SETTER", ShareSet: w.sets[name]}
	for i := range w.plan.M {
		d.Shares = append(d.Shares, uint8(i+1))
	}
	return d
}

// cancel voids the share set of a target at the source.
func (w *world) cancel(name string) coproc.Digest {
	css := w.nodes[w.plan.Source().Name]
	d := w.cancelData(name)
	css.b.write("SETTER", journal.Record{Event: journal.EventCanceled, Node: css.name, Peer: name, Data: data(d), Text: "void"})
	return css.make("SETTER", name, bundle.Header{
		Kind: bundle.KindCancel, To: []string{name, w.plan.SA().Name}, About: name, Answers: w.answers[name], Certificate: w.cert[css.name],
	}, bundle.CancelBody{ShareSet: d.ShareSet, Certificate: coproc.DigestOf(w.cert[name]), Reason: d.Reason, By: d.By})
}

func (w *world) cancelData(name string) journal.CancelData {
	d := journal.CancelData{ShareSet: w.sets[name], Reason: "a stick was lost", By: "SETTER"}
	for i := range w.plan.N {
		d.Out = append(d.Out, uint8(i+1))
	}
	return d
}

// takeCancel has the target and the SA take in a cancel.
func (w *world) takeCancel(name string, digest coproc.Digest) {
	n, css := w.nodes[name], w.plan.Source().Name
	n.b.write("SETTER", journal.Record{
		Event: journal.EventCanceled, Node: name, Kind: bundle.KindCancel, Peer: css, Bundle: &digest, Data: data(w.cancelData(name)), Text: "void",
	})
	w.nodes[w.plan.SA().Name].took("AUDITOR", bundle.KindCancel, name, digest, data(w.cancelData(name)))
}

// revoke takes back the certificate of a node at the SA.
func (w *world) revoke(name string) coproc.Digest {
	sa := w.nodes[w.plan.SA().Name]
	d := w.revokeData(name)
	sa.b.write("CERTIFIER", journal.Record{Event: journal.EventRevoked, Node: sa.name, Peer: name, Data: data(d), Text: "revoked"})
	return sa.make("CERTIFIER", name, bundle.Header{Kind: bundle.KindRevoke, About: name},
		bundle.RevokeBody{Node: d.Node, Generation: d.Generation, Reason: d.Reason, By: d.By})
}

func (w *world) revokeData(name string) journal.RevokeData {
	return journal.RevokeData{Node: w.nodes[name].id, Generation: w.gen[name], Reason: "it was stolen", By: "CERTIFIER"}
}

func (w *world) takeRevoke(at, name string, digest coproc.Digest) {
	w.nodes[at].took("AUDITOR", bundle.KindRevoke, name, digest, data(w.revokeData(name)))
}

// registers is the data of an act: what is in the registers afterwards.
func (w *world) registers(d journal.ActData) []byte {
	d.Class = w.plan.MasterKeyClass()
	return data(d)
}

// act writes an officer's act on the master-key registers of a node.
func (w *world) act(node, profile string, task procedure.TaskID, after journal.ActData) {
	event := journal.EventAct
	if task == "clear" {
		event, task = journal.EventCleared, "set"
	}
	w.nodes[node].b.write(profile, journal.Record{Event: event, Node: node, Task: task, Text: string(task), Data: w.registers(after)})
}

// full is a register with a master key.
func full(p coproc.Pattern) coproc.Register { return coproc.Register{State: coproc.Full, Pattern: p} }

// shareBundle is a share as it is carried, which has no place in a transcript.
func (w *world) shareBundle(name string) []byte {
	css := w.nodes[w.plan.Source().Name]
	to := must(age.GenerateHybridIdentity()).Recipient()
	sealed := must(bundle.SealWith(bundle.Header{
		Ceremony: w.plan.CeremonyID(), Kind: bundle.KindShare, Phase: bundle.KindShare.Phase(), From: css.id, To: []string{name}, Sequence: 5,
		Answers: w.answers[name], Time: w.now, Share: &bundle.ShareRef{Set: w.sets[name], Index: 1},
	}, func(coproc.Digest) ([]byte, error) {
		var out bytes.Buffer
		file := must(age.Encrypt(&out, to))
		return out.Bytes(), file.Close()
	}, css))
	return sealed.Bytes()
}
