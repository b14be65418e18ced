package paper

import (
	"fmt"

	"github.com/gapferry/gapferry/cmd/internal/plan"
)

// nodeSheets are for nodes that cannot go on as they are. They lead from revoke
// to cancel to setting up anew, and never back.
func (s sheets) nodeSheets() []exceptionSheet {
	return []exceptionSheet{s.clockSheet(), s.expiredSheet(), s.revokeSheet(), s.cancelSheet(), s.anewSheet(), s.lostSASheet()}
}

// Sheets that others point to.
const (
	anewName   = "A target has to be set up anew"
	cancelName = "A target is to be cancelled"
	unregName  = "A wrong hash was registered"
	lostSAName = "The SA is lost"
	revokeName = "A node is not to be trusted any more: revoke it"
)

// targetAnew is phase 3c for one target, with its new share set.
func (s sheets) targetAnew(t *plan.Node) command {
	return gapferry("phase 3c", store(s.source.Coprocessor), s.from(), s.shareTo(upTo(s.p.N)...), []string{"--target", t.Name})
}

func (s sheets) clockSheet() exceptionSheet {
	return exceptionSheet{
		name:   "A clock is wrong",
		screen: []string{"about to sign with this machine's clock, which may be wrong:", "this machine's clock says …, but …"},
		remedies: []remedy{
			{"Look at a watch, and at the date of today, together with a second person. The machine wants the time in UTC.", nil},
			{"If the machine is wrong: type no, set its clock right (date -u -s, or in its setup), and give the same command again. Tell the administrator that its battery may be empty.", nil},
			{"If the machine is right: type yes. It is another room's clock that was wrong: tell that room, and do not change this one.", nil},
			{"When a clock was set right, the next officer is asked to confirm that. Type yes only if it is right now.", nil},
		},
		never:   []string{"Do not set a clock to what the screen wants to see: set it to what your watch says."},
		journal: "What the clock said, what a watch said, and who looked:",
		note:    noteCommand(s.target.Coprocessor, s.target.Officers.Audit, "the clock was set right by the watch of the auditor"),
	}
}

func (s sheets) expiredSheet() exceptionSheet {
	return exceptionSheet{
		name:   "A certificate has expired",
		screen: []string{"certificate is not good: outside of its validity: valid from … to …, the clock here says …"},
		remedies: []remedy{
			{"Look at the clock of this machine first: it must be right, in UTC. If it is wrong, set it right and give the same command again.", nil},
			{fmt.Sprintf("If it is right, more than %s have gone by since the certificate was made, or the SA's clock was wrong then: look at that one, too, and set it right. The SA makes another certificate, with the key card in hand. The source's:", plural(s.p.CertificateDays, "day", "days")),
				gapferry("phase 2b", store(s.sa.Coprocessor), s.from(), []string{"--renew", s.source.Name})},
			{"A target's:", gapferry("phase 3b", store(s.sa.Coprocessor), s.from(), []string{"--renew", s.target.Name})},
		},
		never:   []string{"Never set a clock back to make a certificate good, and never say that a clock is right without a look at a watch.", "Do not change certificate_days in the plan."},
		journal: "What the clock said, and what it was compared with:",
		note:    noteCommand(s.target.Coprocessor, s.target.Officers.Audit, "the clock was right, compared with the room's"),
	}
}

func (s sheets) revokeSheet() exceptionSheet {
	t := s.target
	css, sa := s.source.Coprocessor, s.sa.Coprocessor
	return exceptionSheet{
		name:   revokeName,
		screen: []string{fmt.Sprintf("certificate … of %s was revoked by …: …", t.Name)},
		remedies: []remedy{
			{"A coprocessor was stolen, exchanged, or somebody was alone with it. Tell " + s.officer(s.sa.Officers.Audit) + " and the owner of the master key. The SA takes its certificate back:", gapferry("revoke", store(sa), []string{"--node", t.Name, "--reason", "the seal of its room was broken"}, s.to())},
			{"Carry the revoke to every other node, the source first; the next phase there takes it in too:", gapferry("revoke", store(css), s.from())},
			{"If shares for the target were obtained, void them at the source, and carry the cancel to the SA:", gapferry("cancel", store(css), []string{"--target", t.Name, "--reason", "the target was revoked"}, s.to())},
			{"Put the sticks with those shares aside, in bags, for the auditor. Wipe them after the transcript.", nil},
			{"If the target has set the master key already, it has the key, and no revoke takes it away. The key has to be removed there with the coprocessor's own means, or the machine destroyed. The owner of the key decides; the transcript says that the target had it.", nil},
			{"When its room is right again and it is to have the key: see the sheet \"" + anewName + "\". If it is the source that was revoked: two officers begin anew there, as on the sheet \"" + lostSAName + "\", which keeps its master key; then phase 2a, and phase 2b --renew at the SA.", nil},
		},
		never:   []string{"Do not go on with the node while somebody finds out.", fmt.Sprintf("If %d shares were out and the node is lost, think of the master key as known: revoking does not bring it back.", s.p.M)},
		journal: "What was seen, when, and by whom:",
		note:    noteCommand(sa, s.sa.Officers.Audit, "seal 0311 of the room was found broken at 06:30"),
	}
}

func (s sheets) cancelSheet() exceptionSheet {
	t, share := s.target, min(2, s.p.N)
	css, csr, sa := s.source.Coprocessor, t.Coprocessor, s.sa.Coprocessor
	return exceptionSheet{
		name:   cancelName,
		screen: []string{"share set … was cancelled by …: …", fmt.Sprintf("too late: %s has set that master key. Tell the source's room; what is to become of the key is for people to decide. If it is to stay, another share set confirms it: at the source gapferry phase 3c --target %s, then phase 3d here", t.Name, t.Name)},
		remedies: []remedy{
			{fmt.Sprintf("At the source, %s voids the share set:", s.officer(s.source.Officers.Cancel)), gapferry("cancel", store(css), []string{"--target", t.Name, "--reason", "the stick of a share was lost"}, s.to())},
			{"Carry the stick to the target, which clears what it has installed:", gapferry("cancel", store(csr), s.from())},
			{"If the screen there says too late, the target has the key: stop. The owner of the key decides whether it stays there or has to be removed; the transcript says it. If it stays, the new share set below confirms it: phase 3d installs it, verifies that it is the key which is there, and makes another receipt; nothing is set. If not, the target is set up anew: see the sheet \"" + anewName + "\".", nil},
			{"And to the SA, which takes note:", gapferry("cancel", store(sa), s.from())},
			{"Put the sticks with the void shares aside, in bags, for the auditor. Wipe them after the transcript.", nil},
			{"If the target is to get the key all the same, a new share set begins, which it does only when the target is named. The stick with the databases goes on as it is: what is void on it is set aside. The shares go on other sticks, prepared like the first ones. Then phase 3d at the target:", s.targetAnew(t)},
		},
		never:   []string{"Do not wipe the sticks of the void shares before the auditor has seen the transcript.", "Do not bring a void share to a target."},
		journal: "Each share officer says what became of their void share:",
		note:    noteCommand(css, s.source.Officers.ObtainShares[share-1], "the stick of share 2 was destroyed", "--target", t.Name, "--share", fmt.Sprint(share)),
	}
}

func (s sheets) anewSheet() exceptionSheet {
	css, sa := s.source.Coprocessor, s.sa.Coprocessor
	x := exceptionSheet{
		name: anewName,
		screen: []string{
			"ask in its room; if it was not set up anew, somebody asks in its name: tell the auditor",
		},
		never:   []string{"Do not delete the old directory.", "Do not use the old key cards: they differ from the screen now."},
		journal: "Why it was set up anew, and who decided:",
		note:    noteCommand(sa, s.sa.Officers.Audit, "a target was set up anew: its setter forgot the passphrase"),
	}
	t := s.soleTarget()
	if t == nil {
		x.remedies = []remedy{{"The only target is in one coprocessor with another node: begin a new ceremony.", nil}}
		return x
	}
	csr := t.Coprocessor
	x.remedies = []remedy{
		{"In the target's room, hand out the journal of the old store, if its auditor can still log on. As for " + t.Name + ":", gapferry("journal export", store(csr), []string{"--to", s.spec()})},
		{fmt.Sprintf("Rename the directory room-%s to room-%s-old and keep it for the auditor. Nothing of it is used again.", csr, csr), nil},
		{"Set the target up. Everybody with a profile here has to be there:", gapferry("init --plan plan.toml --node "+t.Name, store(csr))},
		{"Phase 3a, with both hash cards. Write two new key cards; mark the old ones as void:", gapferry("phase 3a", store(csr), s.from())},
		{"Carry the stick and, apart from it, a new key card to the SA, which compares and certifies:", gapferry("phase 3b", store(sa), s.from(), []string{"--renew", t.Name})},
		{"At the source, if shares for the old keys were obtained, void them. Put their sticks aside:", gapferry("cancel", store(css), []string{"--target", t.Name, "--reason", "the target was set up anew"}, s.to())},
		{"At the source, with the other new key card; on other sticks for the shares, prepared like the first ones:", s.targetAnew(t)},
		{"At the target:", gapferry("phase 3d", store(csr), s.from(), s.shareFrom(upTo(s.p.M)...))},
		{"If shares were voided, at the SA too, when the stick comes there:", gapferry("cancel", store(sa), s.from())},
	}
	return x
}

// lostSASheet exchanges the SA: source and targets keep their master keys.
func (s sheets) lostSASheet() exceptionSheet {
	css, sa, t := s.source.Coprocessor, s.sa.Coprocessor, s.target
	csr, why := t.Coprocessor, []string{"--reason", "the SA was lost"}
	x := exceptionSheet{
		name: lostSAName,
		screen: []string{
			"what two officers registered stays; if it is the wrong SA key, or its SA is lost, two officers begin anew here, which keeps the master keys: `gapferry coprocessor anew --reason …`; then the phase again, with the other SA's cards; tell the auditor",
		},
		never: []string{
			"Do not set the source up anew: its master key may be nowhere else.", "Do not use the hash cards and key cards from before: mark them as void, for the auditor.",
			"Nobody confirms because the other one asked: look at the hash that goes.",
		},
		journal: "How the SA was lost, and who decided:",
		note:    noteCommand(css, s.source.Officers.Audit, "the machine of the SA is broken; the owner of the key decided"),
	}
	again := "There, with both new hash cards:"
	cards := again + " two officers register the new SA's hash and its key, each from a card of their own:"
	if len(s.p.At(sa)) > 1 {
		x.remedies = []remedy{{"The SA is in one coprocessor with another node, which is lost with it: begin a new ceremony. What follows is for who was sent here from another sheet, while the SA and its hash cards are there.", nil}}
		x.never[1], again = "Do not use the key cards from before: mark them as void, for the auditor.", "There, with both hash cards:"
	} else {
		x.remedies = []remedy{
			s.stopAndTell("The SA's coprocessor is broken or gone, or nobody can log on there. All that it certified will be void."),
			{fmt.Sprintf("Rename the directory room-%s, if it is there, to room-%s-old and keep it for the auditor. Put the stick with the databases into a bag, and the sticks with shares; take fresh ones, prepared like the first.", sa, sa), nil},
			{"Set the SA up. Everybody with a profile there has to be there:", gapferry("init --plan plan.toml --node "+s.sa.Name, store(sa))},
			{"Phase 1. Two officers write new hash cards:", gapferry("phase 1", store(sa), s.to())},
		}
	}
	if css == sa {
		cards = "There, where the SA key stays as it is:"
	}
	x.remedies = append(x.remedies,
		remedy{fmt.Sprintf("At the source, %s asks to begin anew and %s confirms. The master key stays:", s.officer(s.source.Officers.RegisterHash), s.officer(s.source.Officers.RegisterKey)), gapferry("coprocessor anew", store(css), why)},
		remedy{cards, gapferry("phase 2a", store(css), s.from())},
		remedy{"At the SA, with the source's new key card:", gapferry("phase 2b", store(sa), s.from())},
		remedy{fmt.Sprintf("At each target it is the same, whether it has the master key or not. %s asks, %s confirms:", s.officer(t.Officers.RegisterHash), s.officer(t.Officers.RegisterKey)), gapferry("coprocessor anew", store(csr), why)},
		remedy{again, gapferry("phase 3a", store(csr), s.from())},
		remedy{"At the SA, with the target's new key card. A target that has the master key keeps it, and is done now:", gapferry("phase 3b", store(sa), s.from())},
		remedy{"For one that has not: at the source,", s.targetAnew(t)},
		remedy{"and at the target:", gapferry("phase 3d", store(csr), s.from(), s.shareFrom(upTo(s.p.M)...))},
	)
	return x
}

// soleTarget is a target in a coprocessor of its own, or nil.
func (s sheets) soleTarget() *plan.Node {
	for _, t := range s.p.Targets() {
		if len(s.p.At(t.Coprocessor)) == 1 {
			return t
		}
	}
	return nil
}
