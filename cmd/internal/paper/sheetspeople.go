package paper

import "fmt"

// peopleSheets are for officers who are missing, or cannot log on.
func (w *writer) peopleSheets() []exception {
	return []exception{w.shareOfficerSheet(), w.officerSheet(), w.lockedSheet()}
}

func (w *writer) shareOfficerSheet() exception {
	share, css := min(2, w.p.N), w.source.Coprocessor
	officer := w.officer(w.source.Officers.ObtainShares[share-1])
	return exception{
		name:   "A share officer does not come",
		screen: []string{fmt.Sprintf("%s: share %d is not obtained yet (%s)", w.target.Name, share, officer), "Phase 3c is done as far as it can be now."},
		remedies: []remedy{
			{"They come later the same day. Do the shares of those who are here; later theirs alone, with the same stick:", gapferry("phase 3c", store(css), w.from(), w.shareTo(share), []string{"--share", fmt.Sprint(share)})},
			{fmt.Sprintf("They do not come, and at least %d others do: give their share up. It can then not be obtained for these targets.", w.p.M), gapferry("phase 3c", store(css), w.from(), []string{"--give-up", fmt.Sprint(share)})},
			{"At a target nothing has to be done: the others install.", nil},
		},
		never:   []string{"Nobody logs on with the profile of another person.", fmt.Sprintf("Do not give up so many shares that fewer than %d are left.", w.p.M)},
		journal: "Who was missing, and why:",
		note:    w.noteCommand(css, w.source.Officers.Audit, "the officer of share 2 is ill"),
	}
}

func (w *writer) officerSheet() exception {
	t := w.target
	csr, setter := t.Coprocessor, t.Officers.Set
	return exception{
		name:   "Another officer does not come, or has forgotten the passphrase",
		screen: []string{fmt.Sprintf("wrong passphrase for profile %s at %s (…); nothing was changed", setter, csr), setter + " did not log on: no passphrase was given"},
		remedies: []remedy{
			{"Stop here. What was done stays done. When the officer is there, the same command goes on.", nil},
			{"No passphrase can be read or set by somebody else. If it is forgotten at a target, see the sheet \"" + anewName + "\".", nil},
			{"If it is forgotten at the SA or at the source, begin a new ceremony, with a new plan that names somebody else.", nil},
		},
		never:   []string{"Nobody logs on with the profile of another person.", "Do not change the plan: every room has the same one, and a store made from another is refused."},
		journal: "Who was missing, from when to when:",
		note:    w.noteCommand(csr, t.Officers.Audit, "the setter left at 02:10 and came back at 03:00"),
	}
}

func (w *writer) lockedSheet() exception {
	t := w.target
	csr, setter := t.Coprocessor, t.Officers.Set
	return exception{
		name: "A profile is locked, or not active today",
		screen: []string{
			fmt.Sprintf("profile %s at %s is locked after … wrong passphrases; %s unlocks it", setter, csr, w.officer(w.p.Coprocessor(csr).Administrator)),
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
	}
}
