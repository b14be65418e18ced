package paper

import "fmt"

// mediaSheets are for sticks, shares and machines.
func (s sheets) mediaSheets() []exceptionSheet {
	return []exceptionSheet{s.stickSheet(), s.shareSheet(), s.powerSheet(), s.roomSheet()}
}

func (s sheets) stickSheet() exceptionSheet {
	return exceptionSheet{
		name: "The wrong stick",
		screen: []string{
			"… was prepared for …; wanted is the stick for all databases",
			"it is of ceremony …, this is ceremony …",
			"it was made in a rehearsal, and this is no rehearsal",
			"there is no csr-cert in " + s.target.Name + ".db",
			"there is no directory …: make it, or plug in and mount its medium",
		},
		remedies: []remedy{
			{"Nothing was done. Take the stick out; plug in the one that is named on the screen; give the same command again.", nil},
			{"To see what a stick is, and what is on it:", gapferry("media check", []string{"--stick", s.spec()}, store(s.target.Coprocessor))},
		},
		never:   []string{"Do not copy files from one stick to another.", "Do not mark a stick anew to make it fit."},
		journal: "Nothing, unless a stick of this ceremony cannot be found: then treat it as a lost share, or tell the auditor.",
	}
}

func (s sheets) shareSheet() exceptionSheet {
	t, share := s.target, min(2, s.p.N)
	css, csr := s.source.Coprocessor, t.Coprocessor
	apart := "Never put two shares for one target on one stick or into one hand."
	if !s.apart {
		apart = "The plan has all shares together: never let their stick out of sight, and do not copy it."
	}
	install := gapferry("phase 3d", store(csr), s.from(), s.shareFrom(share), []string{"--share", fmt.Sprint(share)})
	return exceptionSheet{
		name: "A share is torn, damaged or missing",
		screen: []string{
			fmt.Sprintf("%d of %d needed shares are installed; bring %d more of share …", s.p.M-1, s.p.M, 1),
			"the share does not open or its signature is not good",
			"the signature of the bundle is not good",
		},
		remedies: []remedy{
			{fmt.Sprintf("Any %d of %d shares do. If enough other share officers are here, give the same command again with their shares.", s.p.M, s.p.N), nil},
			{"Otherwise the source hands the same share out again, on an empty stick of its own:", gapferry("resend --kind share", store(css), []string{"--share", fmt.Sprint(share), "--target", t.Name, "--to", s.shareStick(share)})},
			{"Then install that share alone, and finish the phase:", install},
		},
		never:   []string{apart, "Do not throw a damaged stick away: seal it in a bag for the auditor."},
		journal: "The share officer keeps a remark that accounts for the copy that was damaged; the first one is copy 1, and the source's status counts the others:",
		note:    noteCommand(csr, t.Officers.InstallShares[share-1], "stick 2 fell into the water and is in bag 0417", "--target", t.Name, "--share", fmt.Sprint(share), "--copy", "1"),
	}
}

func (s sheets) powerSheet() exceptionSheet {
	css := s.source.Coprocessor
	return exceptionSheet{
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
		note:    noteCommand(css, s.source.Officers.Audit, "power failed at 02:14, nobody was alone in the room"),
	}
}

func (s sheets) roomSheet() exceptionSheet {
	csr := s.target.Coprocessor
	return exceptionSheet{
		name: "The wrong room, or something for another target",
		screen: []string{
			"there is no store in room-" + csr,
			fmt.Sprintf("this is coprocessor %q, which holds …: there is no CSR node here", s.source.Coprocessor),
			"it is a share for …, not for " + s.target.Name,
		},
		remedies: []remedy{
			{"Nothing was done. Look which room this is:", gapferry("status", store(csr))},
			{"Bring the stick to the target that it is for, and fetch the one for this target.", nil},
		},
		never:   []string{"Do not move or rename files on a stick."},
		journal: "Nothing, if the right stick is found. If a file was in the wrong place on the stick, tell the auditor: somebody moved it.",
	}
}
