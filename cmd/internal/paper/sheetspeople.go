package paper

import "fmt"

// peopleSheets are for officers who are missing, or cannot log on.
func (s sheets) peopleSheets() []exceptionSheet {
	return []exceptionSheet{s.shareOfficerSheet(), s.officerSheet(), s.lockedSheet()}
}

func (s sheets) shareOfficerSheet() exceptionSheet {
	share, css := min(2, s.p.N), s.source.Coprocessor
	officer := s.officer(s.source.Officers.ObtainShares[share-1])
	return exceptionSheet{
		name:   "A share officer does not come",
		screen: []string{fmt.Sprintf("%s: share %d is not obtained yet (%s)", s.target.Name, share, officer), "Phase 3c is done as far as it can be now."},
		remedies: []remedy{
			{"They come later the same day. Do the shares of those who are here; later theirs alone, with the same stick:", gapferry("phase 3c", store(css), s.from(), s.shareTo(share), []string{"--share", fmt.Sprint(share)})},
			{fmt.Sprintf("They do not come, and at least %d others do: give their share up. It can then not be obtained for these targets.", s.p.M), gapferry("phase 3c", store(css), s.from(), []string{"--give-up", fmt.Sprint(share)})},
			{"At a target nothing has to be done: the others install.", nil},
		},
		never:   []string{"Nobody logs on with the profile of another person.", fmt.Sprintf("Do not give up so many shares that fewer than %d are left.", s.p.M)},
		journal: "Who was missing, and why:",
		note:    noteCommand(css, s.source.Officers.Audit, "the officer of share 2 is ill"),
	}
}

func (s sheets) officerSheet() exceptionSheet {
	t := s.target
	csr, setter := t.Coprocessor, t.Officers.Set
	return exceptionSheet{
		name:   "Another officer does not come, or has forgotten the passphrase",
		screen: []string{fmt.Sprintf("wrong passphrase for profile %s at %s (…); nothing was changed", setter, csr), setter + " did not log on: no passphrase was given"},
		remedies: []remedy{
			{"Stop here. What was done stays done. When the officer is there, the same command goes on.", nil},
			{"No passphrase can be read or set by somebody else. If it is forgotten at a target, see the sheet \"" + anewName + "\".", nil},
			{"If it is forgotten at the SA or at the source, begin a new ceremony, with a new plan that names somebody else.", nil},
		},
		never:   []string{"Nobody logs on with the profile of another person.", "Do not change the plan: every room has the same one, and a store made from another is refused."},
		journal: "Who was missing, from when to when:",
		note:    noteCommand(csr, t.Officers.Audit, "the setter left at 02:10 and came back at 03:00"),
	}
}

func (s sheets) lockedSheet() exceptionSheet {
	t := s.target
	csr, setter := t.Coprocessor, t.Officers.Set
	return exceptionSheet{
		name: "A profile is locked, or not active today",
		screen: []string{
			fmt.Sprintf("profile %s at %s is locked after … wrong passphrases; %s unlocks it", setter, csr, s.officer(s.p.Coprocessor(csr).Administrator)),
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
		note:    noteCommand(csr, t.Officers.Audit, "the setter had the keyboard on the wrong layout"),
	}
}
