package paper

import "fmt"

// comparisonSheets are for what people compare: everything else rests on it.
func (s sheets) comparisonSheets() []exceptionSheet {
	return []exceptionSheet{s.keyCardSheet(), s.hashCardSheet(), s.wrongHashSheet(), s.planSheet(), s.patternSheet()}
}

// formOf shows what is in a store, without a log-on.
func formOf(device string) command {
	return gapferry("plan print --plan plan.toml", store(device))
}

func (s sheets) keyCardSheet() exceptionSheet {
	t := s.target
	csr, sa := t.Coprocessor, s.sa.Coprocessor
	return exceptionSheet{
		name: "A key card differs from the screen",
		screen: []string{
			"certify " + t.Name + ": nobody said yes, nothing was done",
			"share 1: nobody said yes, nothing was done",
			"install shares from " + s.source.Name + ": nobody said yes, nothing was done",
		},
		remedies: []remedy{
			s.stopAndTell("One word of eight that differs is enough, in phase 2b, 3b, 3c or 3d. Type no: nothing was done."),
			{"Keep the stick and the card in this room, in a bag, until the cause is found.", nil},
			{"Look for a plain cause: the card of another node, or one from before the node was set up anew. Then bring the right card.", nil},
			{"Or a word was written wrongly. Form 3 of the node's own store has the eight words, in the node's own room, and nobody logs on. Two people compare the card there, not here:", formOf(csr)},
			{"If the card was wrong: write a new one there, put the old one into a bag for the auditor, and go on with the same command:", gapferry("phase 3b", store(sa), s.from())},
			{"If the card is right in phase 3c, the SA has certified the wrong key: see the sheet \"" + revokeName + "\".", nil},
			{"If the card of " + s.source.Name + " is right in phase 3d, the SA has certified a source that is not yours. Nothing of this stick is installed or set. The ceremony stops, and the next one has another certifier.", nil},
			{"If the card is right in phase 2b or 3b, the stick brings the key of somebody else. The ceremony stops. When people have decided to go on, the node's room hands its own key out again, on a new stick. As for " + t.Name + ":", gapferry("resend --kind csr-key", store(csr), []string{"--to", s.spec()})},
		},
		never:   []string{"Do not say yes because most of the words are the same.", "Do not correct a card from the screen that it is compared with.", "Do not certify the others from the same stick meanwhile."},
		journal: "What differed, where, and who compared it:",
		note:    noteCommand(sa, s.sa.Officers.Certify, "word 3 of "+t.Name+" differed: the card was that of another node"),
	}
}

func (s sheets) hashCardSheet() exceptionSheet {
	t := s.target
	csr, sa := t.Coprocessor, s.sa.Coprocessor
	return exceptionSheet{
		name: "A hash card does not match",
		screen: []string{
			fmt.Sprintf("the card of %s does not have the words of the registered SA-key hash", t.Officers.RegisterKey),
			"the 24 words do not fit together (checksum): one of them is wrong or two are exchanged",
			"the hash on the card is not the hash of the SA key: write the card anew",
		},
		remedies: []remedy{
			{"Read the words once more, and give the same command again. A word typed wrongly is the usual cause.", nil},
			s.stopAndTell("If it does not match now, type nothing more in this room."),
			{"Each officer reads all 24 words of their card aloud, and the other follows on theirs: are they the same? Put the stick into a bag.", nil},
			{"Go to the SA's room with both cards. Form 3 of its store has the words, and nobody logs on:", formOf(sa)},
			{"If a card was written wrongly, its officer writes a new one there; the other one reads along. Keep the old one for the auditor. If the wrong hash is not registered here yet, go on with the same command:", gapferry("phase 3a", store(csr), s.from())},
			{"If the wrong hash is registered here: see the sheet \"" + unregName + "\".", nil},
			{"If both cards are right, the stick is not from the SA's room. The ceremony stops. When people have decided to go on, the SA's room hands its key out again, on a new stick:", gapferry("resend --kind sa-key", store(sa), []string{"--to", s.spec()})},
		},
		never:   []string{"Nobody reads the words from the other officer's card, or from a screen in this room.", "Do not guess a word.", "Do not write a card from what came on the stick."},
		journal: "Which card was wrong, and who found it:",
		note:    noteCommand(csr, t.Officers.RegisterKey, "word 7 of my card was wrong; I have written a new one"),
	}
}

func (s sheets) wrongHashSheet() exceptionSheet {
	t := s.target
	csr, css, sa := t.Coprocessor, s.source.Coprocessor, s.sa.Coprocessor
	hash, key := s.officer(t.Officers.RegisterHash), s.officer(t.Officers.RegisterKey)
	return exceptionSheet{
		name: unregName,
		screen: []string{
			"signed with a key that is not trusted here: it brings another SA key than the one whose hash is registered",
			"read the card once more, and compare both cards in the SA's room; if the registered hash is the wrong one, two officers take it back: `gapferry coprocessor unregister-hash`; if it is right, the stick was tampered with",
		},
		remedies: []remedy{
			s.stopAndTell("The hash that is registered here is not that of the SA key on the stick, or not the one of the other card."),
			{"Go to the SA's room with both cards. Form 3 of its store has the words, and nobody logs on. A card that differs goes into a bag; its officer writes a new one there:", formOf(sa)},
			{fmt.Sprintf("If the hash that is registered here is the wrong one, %s asks to take it back and %s confirms, each with their own card in the hand. The screen shows the hash in hex, as it stands on the cards:", hash, key), gapferry("coprocessor unregister-hash", store(csr), []string{"--reason", "the hash was mistyped"})},
			{"At the source it is the same, and its master key stays what it is:", gapferry("coprocessor unregister-hash", store(css), []string{"--reason", "the hash was mistyped"})},
			{"Then the phase asks for the hash again. Give its command, as before:", gapferry("phase 3a", store(csr), s.from())},
			{"If it was asked for by mistake, nothing is changed yet. The one who asked ends it:", gapferry("coprocessor unregister-hash --withdraw", store(csr))},
			{"If the hash here is the right one, the stick is not from the SA's room: see the sheet \"A hash card does not match\".", nil},
			{"If the SA key is registered already, nothing is taken back. Two officers begin anew, which keeps the master keys: see the sheet \"" + lostSAName + "\", from where the source or the target does so, with the cards of the SA that is right.", nil},
		},
		never:   []string{"Do not make a new store for the source: its master key may be nowhere else.", "Nobody confirms because the other one said so: look at your own card."},
		journal: "Who registered the wrong hash, and how it was found:",
		note:    noteCommand(csr, t.Officers.RegisterHash, "I mistyped word 7 of the hash; it was taken back"),
	}
}

func (s sheets) planSheet() exceptionSheet {
	t := s.target
	csr := t.Coprocessor
	return exceptionSheet{
		name: "The plan or its digest is not the same",
		screen: []string{
			fmt.Sprintf("the plan is good: %s, %d of %d shares, %d target(s), digest …", s.p.Class, s.p.M, s.p.N, len(s.p.Targets())),
			"this node's plan is not the SA's: here line … is …, at the SA it is …",
		},
		remedies: []remedy{
			s.stopAndTell("The digest of the plan here is not " + s.digest.Short() + "; or a phase refused because of it, and nothing was done."),
			{"Keep the file under another name, plan-wrong.toml, for the auditor. Ask where it came from.", nil},
			{"Bring the plan that was agreed, from a room where its digest was right, and look again:", gapferry("plan check --plan plan.toml")},
			{"If a store was made here from the wrong plan: rename its directory, here room-" + csr + " to room-" + csr + "-old, keep it, and make the store again. Everybody with a profile here has to be there:", gapferry("init --plan plan.toml --node "+t.Name, store(csr))},
			{"If it is the store of the SA, or the plan itself is wrong: begin a new ceremony, with `gapferry plan new` and new stores everywhere. Nothing of this one goes on.", nil},
		},
		never:   []string{"Do not edit a plan to make it fit.", "Do not go on in the other rooms before it is known which plan is right."},
		journal: "Where the wrong plan came from, and what differed:",
		note:    noteCommand(csr, t.Officers.Audit, "an older plan.toml lay here, digest 1f0c7d22; it was replaced"),
	}
}

func (s sheets) patternSheet() exceptionSheet {
	t := s.target
	css, csr := s.source.Coprocessor, t.Coprocessor
	return exceptionSheet{
		name: "The patterns differ: the new master key is not the source's",
		screen: []string{
			fmt.Sprintf("the new %s master key is not the source's: here …, the source states …", s.p.Class),
			"set the master key: nobody said yes, nothing was done",
		},
		remedies: []remedy{
			s.stopAndTell("Type no: nothing was done."),
			{"If the screen says EQUAL and only form 2 differs, form 2 may be wrong. The source's store has the pattern, in its own room, and nobody logs on. Two people compare form 2 there:", formOf(css)},
			{"If form 2 was written wrongly: correct it there, both sign beside it, and go on here with the same command:", gapferry("phase 3d", store(csr), s.from(), s.shareFrom(upTo(s.p.M)...))},
			{"Otherwise clear the new register; what was installed is gone with it:", gapferry("coprocessor clear", store(csr))},
			{"Find out in the source's room which master key is to be cloned, and void the share set there: see the sheet \"" + cancelName + "\".", nil},
		},
		never:   []string{"Never set a master key whose pattern is not the one noted in the source's room.", "Do not load anything into the new register by hand."},
		journal: "Both patterns, and who compared them:",
		note:    noteCommand(csr, t.Officers.Verify, "form 2 has another pattern than the screen; compared by two"),
	}
}
