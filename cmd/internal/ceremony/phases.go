package ceremony

import (
	"github.com/gapferry/gapferry/bundle"
	"github.com/gapferry/gapferry/cmd/internal/procedure"
)

// phases has how each phase is done: a function for each step of
// procedure.PhaseSteps, in whatever order they stand here.
var phases = map[procedure.PhaseID]walker{
	"1": &phaseCode[*establishing]{
		begin: establish,
		does: doing[*establishing]{
			task(procedure.TaskAudit):        (*establishing).audit,
			task(procedure.TaskGenerateKey):  (*establishing).generateKey,
			makes(bundle.KindSAKey):          (*establishing).introduce,
			task(procedure.TaskRegisterHash): (*establishing).registerOwnHash,
			task(procedure.TaskRegisterKey):  (*establishing).registerOwnKey,
		},
	},
	"2a": &phaseCode[*establishing]{
		begin:  establish,
		before: []func(*establishing) error{(*establishing).keyAtHand, (*establishing).masterKeyFirst},
		does: doing[*establishing]{
			task(procedure.TaskAudit):           (*establishing).audit,
			task(procedure.TaskRegisterHash):    (*establishing).registerHashOnStick,
			take(bundle.KindSAKey):              withTheNext[*establishing],
			task(procedure.TaskRegisterKey):     (*establishing).registerKey,
			task(procedure.TaskGenerateKey):     (*establishing).generateKey,
			task(procedure.TaskObtainMasterKey): (*establishing).obtainMasterKey,
			makes(bundle.KindCSSKey):            (*establishing).askAsSource,
		},
	},
	"2b": &phaseCode[*certifying]{
		begin: certify,
		does: doing[*certifying]{
			task(procedure.TaskCertifyCSS): (*certifying).certify,
			makes(bundle.KindCSSCert):      (*certifying).handOut,
		},
	},
	"3a": &phaseCode[*establishing]{
		begin:  establish,
		before: []func(*establishing) error{(*establishing).keyAtHand},
		does: doing[*establishing]{
			task(procedure.TaskAudit):        (*establishing).audit,
			task(procedure.TaskRegisterHash): (*establishing).registerHashOnStick,
			take(bundle.KindSAKey):           withTheNext[*establishing],
			task(procedure.TaskRegisterKey):  (*establishing).registerKey,
			task(procedure.TaskGenerateKey):  (*establishing).generateKey,
			makes(bundle.KindCSRKey):         (*establishing).askAsTarget,
		},
	},
	"3b": &phaseCode[*certifying]{
		begin:  certify,
		before: []func(*certifying) error{(*certifying).sourceCertified},
		does: doing[*certifying]{
			task(procedure.TaskCertifyCSR): (*certifying).certifyTarget,
			makes(bundle.KindCSRCert):      (*certifying).handOutTarget,
		},
		after: (*certifying).anyCertified,
	},
	"3c": &phaseCode[*sharing]{
		begin:  share,
		before: []func(*sharing) error{(*sharing).finishCancels},
		does: doing[*sharing]{
			take(bundle.KindCSSCert):         (*sharing).ownCertificateGood,
			take(bundle.KindCSRCert):         (*sharing).takeTarget,
			task(procedure.TaskObtainShares): (*sharing).obtainShare,
			makes(bundle.KindShare):          (*sharing).handOutShare,
			makes(bundle.KindStatement):      (*sharing).finishTarget,
		},
		after: (*sharing).anyTarget,
	},
	"3d": &phaseCode[*installing]{
		begin:  install,
		before: []func(*installing) error{(*installing).anotherSetFirst},
		does: doing[*installing]{
			take(bundle.KindCSRCert):          withTheNext[*installing],
			take(bundle.KindStatement):        withTheNext[*installing],
			task(procedure.TaskInstallShares): (*installing).installShare,
			task(procedure.TaskVerify):        (*installing).verifyNew,
			task(procedure.TaskSet):           (*installing).set,
			makes(bundle.KindReceipt):         (*installing).receipt,
		},
		again: (*installing).sharesWereGone,
		after: (*installing).newIsEmpty,
	},
}

func task(id procedure.TaskID) procedure.StepID {
	return procedure.StepID{Do: procedure.DoTask, Task: id}
}
func take(k bundle.Kind) procedure.StepID  { return procedure.StepID{Do: procedure.DoTake, Kind: k} }
func makes(k bundle.Kind) procedure.StepID { return procedure.StepID{Do: procedure.DoMake, Kind: k} }

// withTheNext is the function of a bundle that the officer of the task behind it
// takes in, in their own session: only they can open it, or know what it is held
// against.
func withTheNext[W any](W, at) error { return nil }
