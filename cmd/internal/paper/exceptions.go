package paper

import "fmt"

// exception is a sheet for something that goes wrong: a page of its own, for
// somebody who reads it at three in the morning.
type exception struct {
	name     string
	screen   []string // what the screen says; … stands for what differs
	remedies []remedy
	never    []string
	journal  string // what to keep in the journal
	note     command
}

// remedy is something to do, in words and as a command.
type remedy struct {
	what    string
	command command
}

// noteCommand keeps a remark of an officer in the journal.
func (w *writer) noteCommand(device, profile, text string, more ...string) command {
	return gapferry("journal note", store(device), []string{"--profile", profile, "--text", text}, more)
}

// exceptionSheets are the sheets behind a script, with the names of its plan.
func exceptionSheets(w *writer) []exception {
	t, class := w.target, w.p.Class
	css, csr, sa := w.source.Coprocessor, t.Coprocessor, w.sa.Coprocessor
	share2 := min(2, w.p.N)
	officer2 := w.source.Officers.ObtainShares[share2-1]
	setter := t.Officers.Set
	return []exception{
		{
			name: "The wrong stick",
			screen: []string{
				"… was prepared for …; wanted is the stick for all databases",
				"it is of ceremony …, this is ceremony …",
				"it was made in a rehearsal, and this is no rehearsal",
				"there is no csr-cert in " + t.Name + ".db",
				"there is no directory …: make it, or plug in and mount its medium",
			},
			remedies: []remedy{
				{"Nothing was done. Take the stick out; plug in the one that is named on the screen; give the same command again.", nil},
				{"To see what a stick is, and what is on it:", gapferry("media check", []string{"--stick", w.spec()}, store(csr))},
			},
			never:   []string{"Do not copy files from one stick to another.", "Do not mark a stick anew to make it fit."},
			journal: "Nothing, unless a stick of this ceremony cannot be found: then treat it as a lost share, or tell the auditor.",
		},
		{
			name: "A share is torn, damaged or missing",
			screen: []string{
				fmt.Sprintf("%d of %d needed shares are installed; bring %d more of share …", w.p.M-1, w.p.M, 1),
				"the share does not open or its signature is not good",
				"the signature of the bundle is not good",
			},
			remedies: []remedy{
				{fmt.Sprintf("Any %d of %d shares do. If enough other share officers are here, give the same command again with their shares.", w.p.M, w.p.N), nil},
				{"Otherwise the source hands the same share out again, on an empty stick of its own:", gapferry("resend --kind share", store(css), []string{"--share", fmt.Sprint(share2), "--target", t.Name, "--to", w.spec()})},
				{"Then install that share alone, and finish the phase:", gapferry("phase 3d", store(csr), w.from(), []string{"--share", fmt.Sprint(share2)})},
			},
			never:   []string{fmt.Sprintf("Never put %d shares for one target on one stick or into one hand.", w.p.M), "Do not throw a damaged stick away: seal it in a bag for the auditor."},
			journal: "The share officer keeps a remark that accounts for the share:",
			note:    w.noteCommand(csr, t.Officers.InstallShares[share2-1], "stick 2 fell into the water and is in bag 0417", "--target", t.Name, "--share", fmt.Sprint(share2)),
		},
		{
			name:   "A share officer does not come",
			screen: []string{fmt.Sprintf("%s: share %d is not obtained yet (%s)", t.Name, share2, w.officer(officer2)), "Phase 3c is done as far as it can be now."},
			remedies: []remedy{
				{"They come later the same day. Do the shares of those who are here; later theirs alone, with the same stick:", gapferry("phase 3c", store(css), w.from(), []string{"--share", fmt.Sprint(share2)})},
				{fmt.Sprintf("They do not come, and at least %d others do: give their share up. It can then not be obtained for these targets.", w.p.M), gapferry("phase 3c", store(css), w.from(), []string{"--give-up", fmt.Sprint(share2)})},
				{"At a target nothing has to be done: the others install.", nil},
			},
			never:   []string{"Nobody logs on with the profile of another person.", fmt.Sprintf("Do not give up so many shares that fewer than %d are left.", w.p.M)},
			journal: "Who was missing, and why:",
			note:    w.noteCommand(css, w.source.Officers.Audit, "the officer of share 2 is ill"),
		},
		{
			name:   "Another officer does not come, or has forgotten the passphrase",
			screen: []string{fmt.Sprintf("wrong passphrase for profile %s at %s (…); nothing was changed", setter, csr), setter + " did not log on: no passphrase was given"},
			remedies: []remedy{
				{"Stop here. What was done stays done. When the officer is there, the same command goes on.", nil},
				{"No passphrase can be read or set by somebody else. If it is forgotten at a target, the target is set up anew with a new store, asks again in phase 3a, and the SA certifies it anew:", gapferry("phase 3b", store(sa), w.from(), []string{"--renew", t.Name})},
				{"If it is forgotten at the SA or at the source, begin a new ceremony, with a new plan that names somebody else.", nil},
			},
			never:   []string{"Nobody logs on with the profile of another person.", "Do not change the plan: every room has the same one, and a store made from another is refused."},
			journal: "Who was missing, from when to when:",
			note:    w.noteCommand(csr, t.Officers.Audit, "the setter left at 02:10 and came back at 03:00"),
		},
		{
			name: "The patterns differ: the new master key fails verification",
			screen: []string{
				fmt.Sprintf("the new %s master key is not the source's: here …, the source states …", class),
				"set the master key: nobody said yes, nothing was done",
			},
			remedies: []remedy{
				{"Nobody says yes. If the screen says EQUAL and only form 2 differs, fetch form 2 from the source's room and compare again.", nil},
				{"Otherwise clear the new register; what was installed is gone with it:", gapferry("coprocessor clear", store(csr))},
				{"Void the share set at the source, and find out there which master key is to be cloned:", gapferry("cancel", store(css), []string{"--target", t.Name, "--reason", "the new master key failed verification"}, w.to())},
				{"Take the cancel in at the target and at the SA; then phase 3c begins a new share set.", gapferry("cancel", store(csr), w.from())},
			},
			never:   []string{"Never set a master key whose pattern is not the one noted in the source's room.", "Do not load anything into the new register by hand."},
			journal: "Both patterns, and who compared them:",
			note:    w.noteCommand(csr, t.Officers.Verify, "form 2 has another pattern than the screen; compared by two"),
		},
		{
			name: "Power fails, or the program is killed in a phase",
			screen: []string{
				"Phase 3c is NOT finished. What was done stays done.",
				"gapferry: stopped. What was done stays done; run the same command again to go on",
				"… bytes of a record that was never finished were cut off and kept in journal.cbor.torn",
				"another gapferry (process \"…\") is at work in this store",
			},
			remedies: []remedy{
				{"Start the machine, plug the stick in again, and give the same command again. Nothing is done twice.", nil},
				{"To see what is done and what is open:", gapferry("status", store(css))},
				{"An interrupted init has made nothing: give it again.", nil},
			},
			never:   []string{"Do not copy a store back from a backup: the coprocessor notices it, and the store is lost.", "Do not delete anything in the store, journal.cbor.torn included."},
			journal: "When it happened, and who was in the room:",
			note:    w.noteCommand(css, w.source.Officers.Audit, "power failed at 02:14, nobody was alone in the room"),
		},
		{
			name: "A profile is locked, or not active today",
			screen: []string{
				fmt.Sprintf("profile %s at %s is locked after … wrong passphrases; %s unlocks it with `gapferry coprocessor unlock --profile %s`", setter, csr, w.officer(w.p.Coprocessor(csr).Administrator), setter),
				"the profile is not active today: …",
			},
			remedies: []remedy{
				{"First find out who tried. The journal says when:", gapferry("audit journal", store(csr))},
				{"When that is known, the administrator unlocks the profile. The passphrase stays what it was:", gapferry("coprocessor unlock", store(csr), []string{"--profile", setter})},
				{"Not active today: look at the clock of this machine, which must be right, in UTC. If it is right, the plan does not let this officer work today: stop here.", nil},
				{"If somebody may have seen the passphrase, the officer changes it:", gapferry("coprocessor passphrase", store(csr), []string{"--profile", setter})},
			},
			never:   []string{"Do not unlock before it is known who tried.", "Nobody tells anybody a passphrase."},
			journal: "Who tried, and why it was wrong:",
			note:    w.noteCommand(csr, t.Officers.Audit, "the setter had the keyboard on the wrong layout"),
		},
		{
			name: "The wrong room, or something for another target",
			screen: []string{
				"there is no store in room-" + csr,
				fmt.Sprintf("this is coprocessor %q, which holds …: there is no CSR node here", css),
				"it is a share for …, not for " + t.Name,
			},
			remedies: []remedy{
				{"Nothing was done. Look which room this is:", gapferry("status", store(csr))},
				{"Bring the stick to the target that it is for, and fetch the one for this target.", nil},
			},
			never:   []string{"Do not move or rename files on a stick."},
			journal: "Nothing, if the right stick is found. If a file was in the wrong place on the stick, tell the auditor: somebody moved it.",
		},
		{
			name:   "A certificate has expired",
			screen: []string{"certificate is not good: outside of its validity: valid from … to …, the clock here says …"},
			remedies: []remedy{
				{"Look at the clock of this machine first: it must be right, in UTC. If it is wrong, set it right and give the same command again.", nil},
				{fmt.Sprintf("If it is right, more than %d days have gone by since the certificate was made. The target is set up anew in a new store, asks again in phase 3a, and is certified again:", w.p.CertificateDays), gapferry("phase 3b", store(sa), w.from(), []string{"--renew", t.Name})},
				{"If it is the source's certificate, begin a new ceremony.", nil},
			},
			never:   []string{"Never set a clock back to make a certificate good.", "Do not change certificate_days in the plan."},
			journal: "What the clock said, and what it was compared with:",
			note:    w.noteCommand(csr, t.Officers.Audit, "the clock was right, compared with the room's"),
		},
		{
			name:   "A target is to be cancelled",
			screen: []string{"share set … was cancelled by …: …", fmt.Sprintf("too late: %s has set that master key. Tell the source's room; what is to become of the key is for people to decide", t.Name)},
			remedies: []remedy{
				{fmt.Sprintf("At the source, %s voids the share set:", w.officer(w.source.Officers.Cancel)), gapferry("cancel", store(css), []string{"--target", t.Name, "--reason", "the stick of a share was lost"}, w.to())},
				{"Carry the stick to the target, which clears what it has installed:", gapferry("cancel", store(csr), w.from())},
				{"And to the SA, which takes note:", gapferry("cancel", store(sa), w.from())},
				{"For the target to get the key all the same, phase 3c begins a new share set:", gapferry("phase 3c", store(css), w.from(), []string{"--target", t.Name})},
			},
			never:   []string{"Do not wipe the sticks of the void shares before the auditor has seen the transcript.", "If the target has set the key already, do not go on: people decide what becomes of it."},
			journal: "Each share officer says what became of their void share:",
			note:    w.noteCommand(css, officer2, "the stick of share 2 was destroyed", "--target", t.Name, "--share", fmt.Sprint(share2)),
		},
		{
			name:   "A node is not to be trusted any more: revoke it",
			screen: []string{fmt.Sprintf("certificate … of %s was revoked by …: …", t.Name)},
			remedies: []remedy{
				{"A coprocessor was stolen, exchanged, or somebody was alone with it. The SA takes its certificate back:", gapferry("revoke", store(sa), []string{"--node", t.Name, "--reason", "the seal of its room was broken"}, w.to())},
				{"Carry the revoke to every node; the next phase takes it in too:", gapferry("revoke", store(css), w.from())},
				{"If shares for it were obtained, void them:", gapferry("cancel", store(css), []string{"--target", t.Name, "--reason", "the target was revoked"}, w.to())},
				{"When it was set up anew, and its room is right again, the SA certifies it anew:", gapferry("phase 3b", store(sa), w.from(), []string{"--renew", t.Name})},
			},
			never:   []string{"Do not go on with the node while somebody finds out.", fmt.Sprintf("If %d shares were out and the node is lost, think of the master key as known: revoking does not bring it back.", w.p.M)},
			journal: "What was seen, when, and by whom:",
			note:    w.noteCommand(sa, w.sa.Officers.Audit, "seal 0311 of the room was found broken at 06:30"),
		},
	}
}

func (x exception) blocks() []block {
	blocks := []block{title(x.name), heading("The screen says"), quoted(x.screen), heading("Do")}
	for _, r := range x.remedies {
		blocks = append(blocks, remedyBlock(r))
	}
	blocks = append(blocks, heading("Do not"), notes(x.never), heading("Keep in the journal"))
	blocks = append(blocks, remedyBlock{x.journal, x.note})
	return append(blocks, facts{{"Time, and who decided", ""}, {"What was done", ""}})
}

// remedyBlock is a remedy with a box to tick.
type remedyBlock remedy

func (r remedyBlock) html(m *markup) {
	m.raw("<div class=\"remedy\"><span></span><div>")
	m.text(r.what)
	m.raw("</div></div>\n")
	if r.command != nil {
		commandBlock{r.command}.html(m)
	}
}

func (r remedyBlock) text(s *screen) {
	s.say("  [ ] ", r.what)
	if r.command != nil {
		commandBlock{r.command}.text(s)
	}
}
