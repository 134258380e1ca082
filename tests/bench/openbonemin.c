/* SPDX-License-Identifier: Apache-2.0
 *
 * models/openbonemin-2017.yaml by hand: 39 states, times in hours. Equations and names are those of the model file,
 * whose note says where they come from; here is only what C adds.
 *
 *   1. parameters, and what follows from them     2. quantities that several rates share     3. rates
 *   4. Jacobian                                   5. start, dose, outputs
 *
 * over budget: one model, as one file of a modeller would be.
 */
#include <math.h>
#include <stdbool.h>

#include "bench/native.h"

/* ---- 1. Parameters ---- */

/* Tables of names, by hand. */
/* clang-format off */
#define PARAMETERS(X)                                                                                                  \
    X(PTH_0) X(S_0) X(PTmax_0) X(B_0) X(AOH_0) X(P_0) X(ECCPhos_0) X(T_0) X(R_0) X(HAp_0) X(PhosGut_0) X(IntraPO_0)   \
    X(OC_0) X(ROB1_0) X(OBtot0) X(FracOBfast) X(L_0) X(RNK_0) X(O_0) X(Q_0) X(Qbone_0) X(RX2_0) X(CREB_0) X(BCL2_0)   \
    X(Pic0) X(V1) X(CaDay) X(FracJ14) X(J14OCmax) X(J14OCgam) X(MOCratioGam) X(FracJ15) X(k14a) X(HApMRT) X(koutTGF0) \
    X(koutTGFGam) X(TGFratio) X(OBtgfGAM) X(OCtgfGAM) X(kb) X(EmaxPicROB) X(PicROBgam) X(FracPicROB) X(EmaxPicOB)     \
    X(PicOBgam) X(FracPicOB) X(PicOBgamkb) X(MultPicOBkb) X(FracPic0kb) X(E0RUNX2kbEffFACT) X(RUNkbMaxFact)           \
    X(RUNkbGAM) X(RUNX20) X(BCL2on) X(BCL2shift) X(Frackb) X(Da) X(E0Meff) X(EmaxMeffOC) X(kinOCgam) X(EmaxPicOC)     \
    X(FracPicOC) X(PicOCgam) X(E0RANKL) X(EmaxL) X(LsurvOCgam) X(RNKs) X(k1) X(k2) X(k3) X(k4) X(koutL)               \
    X(OsteoEffectGam) X(EmaxLpth) X(koutRNK) X(kinRNKgam) X(kO) X(opgPTH50) X(fRANKL) X(fRANK) X(fOPG) X(RX2Kout0)    \
    X(E0rx2Kout) X(EmaxPTHRX2x) X(crebKout) X(E0crebKin) X(EmaxPTHcreb) X(bcl2Kout) X(T64) X(T65) X(T67) X(AlphOHgam) \
    X(T69) X(Phos12) X(PhosEff0) X(PhosEff50) X(PhosEffGam) X(T46) X(T48) X(T49) X(T55) X(T52) X(OralPhos) X(F12)     \
    X(PtoCa) X(T33) X(T34) X(T35) X(T28) X(T310) X(T81) X(T81R) X(T80) X(T87) X(OralCa) X(T77) X(FracFilt)            \
    X(ReabsLeft) X(Reabs50) X(T16) X(T7) X(T9) X(GFRbase) X(GFRconv) X(GFRdelta) X(GFRtau) X(kout) X(T58) X(T59)      \
    X(T61) X(SPTH_0) X(T70) X(T71) X(T72_0) X(ScaEffGam) X(PTout) X(CtriolPTgam) X(CtriolMax) X(CtriolMin)            \
    X(TERIVC) X(TERICL) X(TERIKA) X(DENMW) X(DENF) X(DENKA) X(DENVC) X(DENVP) X(DENQ) X(DENCL) X(DENVMAX) X(DENKM)    \
    X(kdenosl) X(koutBMDls) X(koutBMDlsDEN) X(koutBMDfn) X(gamOB) X(gamOCls) X(gamOClsDEN) X(gamOCfn) X(ESTON)        \
    X(koutEST) X(ageENTER) X(ageDONE) X(menoDUR) X(ageGAM) X(age50) X(tgfbGAM) X(tgfbactGAM) X(robGAM)                \
    X(E2scalePicB1) X(maxTmESTkid)

#define STATES(X)                                                                                                      \
    X(PTH) X(S) X(PTmax) X(B) X(AOH) X(P) X(ECCPhos) X(T) X(R) X(HAp) X(PhosGut) X(IntraPO) X(Q) X(Qbone) X(TGFB)     \
    X(TGFBact) X(ROB1) X(OBfast) X(OBslow) X(OC) X(L) X(RNK) X(M) X(N) X(O) X(RX2) X(CREB) X(BCL2) X(TERISC)          \
    X(TERICENT) X(DENSC) X(DENCENT) X(DENPER) X(BMDls) X(BMDlsDEN) X(BMDfn) X(EST) X(GFR) X(UCA)
/* clang-format on */

#define AS_MEMBER(name) double name;
#define AS_INDEX(name) name,
#define AS_TEXT(name) #name,
#define AS_ADDRESS(name) &subject.name,

enum { STATES(AS_INDEX) N_STATES };

enum { N_OUTPUTS = 16, HOURS_A_DAY = 24, HOURS_A_WEEK = 168 };

typedef struct Subject {
    PARAMETERS(AS_MEMBER)
    /* rates an hour of what the model file has a day */
    double release, intake, intake_phosphate, turnover;
    /* concentrations and amounts at the start */
    double Ca0, PTH0, C0, M_0, TGFB_0, OBfast_0;
    /* half-points, raised to their exponents where they stand in a Hill function of a real exponent */
    double J14OC50, EC50PicROB, EC50PicOB, EC50PicOBkb, RUNkb50, EC50MeffOC, EC50PicOC, EC50surv, T67n, PhosEff50n,
        T81Rn, Ctriol50, T60;
    double EC50PTHRX2x, EC50PTHcreb, T29, T66, PhosEffMax;
    /* constant factors */
    double T15, k15a, Dr, bigDb, kGFR, TERI, DENMOL, ReabsGain, ageONSET;
} Subject;

static const char *const parameter_names[] = {PARAMETERS(AS_TEXT)};
static const char *const state_names[] = {STATES(AS_TEXT)};

enum { N_PARAMETERS = sizeof parameter_names / sizeof parameter_names[0] };

/* The half-point of an effect that rises to `emax` and has its resting value where x is at rest: its n-th power. */
static double half_point(double emax, double rest)
{
    return emax / rest - 1.0;
}

static void prepare_bone(Subject *p)
{
    double rest = p->Pic0;
    p->release = p->CaDay / HOURS_A_DAY;
    p->T15 = p->release / p->P_0;
    p->k15a = p->k14a * p->Qbone_0 / p->Q_0;
    p->J14OC50 = pow(p->OC_0, p->J14OCgam) * half_point(p->J14OCmax, p->release / p->Q_0);
    p->TGFB_0 = p->TGFratio * rest;
    p->Dr = p->kb * p->OBtot0 / rest;
    p->bigDb = p->kb * p->OBtot0 * rest / p->ROB1_0;
    p->OBfast_0 = p->OBtot0 * p->FracOBfast;
    p->EC50PicROB = half_point(p->EmaxPicROB, rest * (1.0 - p->FracPicROB));
    p->EC50PicOB = half_point(p->EmaxPicOB, rest * (1.0 - p->FracPicOB));
    p->EC50PicOBkb = half_point(p->MultPicOBkb - p->FracPic0kb, p->MultPicOBkb - 1.0);
    p->RUNkb50 = pow(p->RUNX20, p->RUNkbGAM) *
                 half_point(p->E0RUNX2kbEffFACT * p->RUNkbMaxFact, p->E0RUNX2kbEffFACT - 1.0);
    p->turnover = p->Da / HOURS_A_DAY;
    p->M_0 = p->k3 * p->RNK_0 * p->L_0 / p->k4;
    p->EC50MeffOC = pow(p->M_0, p->kinOCgam) * half_point(p->EmaxMeffOC, 1.0 - p->E0Meff);
    p->EC50PicOC = half_point(p->EmaxPicOC, rest * (1.0 - p->FracPicOC));
    p->EC50surv = pow(p->k3 * p->L_0 / p->k4, p->LsurvOCgam) * half_point(p->E0RANKL - p->EmaxL, p->E0RANKL - 1.0);
    p->TERI = p->TERICL / p->TERIVC;
    p->DENMOL = 1e6 / p->DENMW / p->DENVC; /* pmol/L of 1 ng; 1e6 pmol in g/m3 over g/mol */
}

static void prepare_plasma(Subject *p)
{
    p->intake = p->OralCa / HOURS_A_DAY;
    p->intake_phosphate = p->OralPhos / HOURS_A_DAY;
    p->Ca0 = p->P_0 / p->V1;
    p->PTH0 = p->PTH_0 / p->V1;
    p->C0 = p->B_0 / p->V1;
    p->EC50PTHRX2x = p->PTH0 * half_point(p->EmaxPTHRX2x, p->RX2Kout0 - p->E0rx2Kout);
    p->EC50PTHcreb = p->PTH0 * half_point(p->EmaxPTHcreb, 1.0 - p->E0crebKin);
    p->PhosEff50n = pow(p->PhosEff50, p->PhosEffGam);
    p->PhosEffMax = (p->PhosEff0 - 1.0) / p->PhosEff0 / native_hill(pow(p->Phos12, p->PhosEffGam), p->PhosEff50n);
    p->T67n = pow(p->T67, p->AlphOHgam);
    p->T66 = pow(p->T67 / p->PTH0, p->AlphOHgam) + 1.0;
    p->T29 = p->T_0 * half_point(p->T28, p->T310);
    p->T81Rn = pow(p->T81R, p->T80);
    p->ReabsGain = (p->Reabs50 + p->Ca0) / p->Ca0;
    p->Ctriol50 = pow(p->C0, p->CtriolPTgam) * half_point(p->CtriolMax - p->CtriolMin, p->CtriolMax - 1.0);
    p->T60 = pow(p->Ca0, p->T59) * half_point(p->T58 - p->T61, p->T58 - p->SPTH_0);
    p->kGFR = -log(1.0 - p->GFRdelta / p->GFRbase) / p->GFRtau;
    p->ageONSET = p->ageDONE - p->menoDUR;
}

static void *prepare(const double *parameters)
{
    static Subject subject;
    double *const members[] = {PARAMETERS(AS_ADDRESS)};
    for (size_t i = 0; i < N_PARAMETERS; i++)
        *members[i] = parameters[i];
    prepare_bone(&subject);
    prepare_plasma(&subject);
    return &subject;
}

/* ---- 2. Quantities that several rates share ---- */

/* Each with what its derivatives need: the Hill functions (h...) and powers in it. */
typedef struct Shared {
    double Ca, PTHc, C2, C8, OB, rOB, rOC, rTGF, Mpos;
    double hOC, byOC, J14, J15; /* byOC: what osteoclasts release */
    double active, J40;         /* active absorption, all of it */
    double tmEST, Reab, keep, J27;
} Shared;

static double calcium_of_urine(const Subject *p, const double *y, Shared *q)
{
    q->tmEST = 1.0 - (1.0 - p->maxTmESTkid) / 0.9 * (1.0 - y[EST]);
    double most = q->tmEST * (p->FracFilt * y[GFR] * p->Ca0 - p->ReabsLeft) * p->ReabsGain;
    q->Reab = most * q->Ca / (p->Reabs50 + q->Ca) * p->T16 * q->PTHc / (q->PTHc + p->PTH0 * (p->T16 - 1.0));
    q->keep = 2.0 - p->T7 * q->C8 / (q->C8 + p->T9);
    return fmax(q->keep * (p->FracFilt * y[GFR] * q->Ca - q->Reab), 0.0);
}

static Shared share(const Subject *p, const double *y)
{
    Shared q = {.Ca = y[P] / p->V1,
                .PTHc = y[PTH] / p->V1,
                .C2 = y[ECCPhos] / p->V1,
                .C8 = y[B] / p->V1,
                .OB = y[OBfast] + y[OBslow],
                .rOC = y[OC] / p->OC_0,
                .rTGF = y[TGFBact] / p->Pic0,
                .Mpos = fmax(y[M], 0.0)};
    q.rOB = q.OB / p->OBtot0;
    q.hOC = native_hill(pow(y[OC], p->J14OCgam), p->J14OC50);
    q.byOC = p->J14OCmax * q.hOC * p->Q_0 * p->FracJ14 * pow(q.Mpos / p->M_0 / q.rOC, p->MOCratioGam);
    q.J14 = p->release * (1.0 - p->FracJ14) + q.byOC;
    q.J15 = p->T15 * y[P] * (1.0 - p->FracJ15 + p->FracJ15 * y[HAp]);
    q.active = p->T28 * y[T] / (y[T] + p->T29) * y[T] * (y[R] / p->R_0) / (y[T] + p->T81);
    q.J40 = q.active + p->T87 * y[T];
    q.J27 = calcium_of_urine(p, y, &q);
    return q;
}

/* Loss of osteoblasts. */
typedef struct Loss {
    double hkb, hRUN, RUNX2, by_estrogen, PicOBkbEff, kbprime, kbslow, kbfast;
} Loss;

static Loss loss_of_osteoblasts(const Subject *p, const double *y, const Shared *q)
{
    Loss l = {.hkb = native_hill(pow(q->rTGF, p->PicOBgamkb), p->EC50PicOBkb),
              .by_estrogen = pow(y[EST], -p->E2scalePicB1),
              .RUNX2 = y[BCL2] > p->BCL2on ? y[BCL2] - p->BCL2shift : p->RUNX20};
    l.PicOBkbEff = (p->MultPicOBkb - (p->MultPicOBkb - p->FracPic0kb) * l.hkb) * l.by_estrogen;
    l.hRUN = native_hill(pow(l.RUNX2, p->RUNkbGAM), p->RUNkb50);
    l.kbprime = p->E0RUNX2kbEffFACT * p->kb * (l.PicOBkbEff - p->RUNkbMaxFact * l.hRUN);
    l.kbslow = l.kbprime * p->Frackb;
    l.kbfast = (p->kb * p->OBtot0 + l.kbslow * p->OBfast_0 - l.kbslow * p->OBtot0) / p->OBfast_0;
    return l;
}

/* ---- 3. Rates ---- */

static void rates_of_plasma(const Subject *p, const double *y, const Shared *q, double *f)
{
    double T63 = p->T58 - (p->T58 - p->T61) * native_hill(pow(q->Ca, p->T59), p->T60);
    double T74 = tanh(p->T71 * (q->C8 - p->T72_0 * pow(p->Ca0 / q->Ca, p->ScaEffGam)));
    double T75 = p->T70 * (0.85 * (1.0 + T74) + 0.15), T76 = p->T70 * (0.85 * (1.0 - T74) + 0.15);
    double capacity = p->CtriolMax -
                      (p->CtriolMax - p->CtriolMin) * native_hill(pow(q->C8, p->CtriolPTgam), p->Ctriol50);
    double TERIPKIN = y[TERISC] * p->TERI;
    f[PTH] = T63 * (y[S] / p->S_0) * y[PTmax] - p->kout * y[PTH] + TERIPKIN;
    f[S] = (1.0 - y[S]) * T76 - y[S] * T75;
    f[PTmax] = p->PTout * (capacity - y[PTmax]);
    f[TERISC] = -TERIPKIN;
    f[TERICENT] = TERIPKIN - p->TERIKA * y[TERICENT];

    double PhosEffect = 1.0;
    if (q->C2 > p->Phos12)
        PhosEffect = p->PhosEff0 - p->PhosEffMax * p->PhosEff0 * native_hill(pow(q->C2, p->PhosEffGam), p->PhosEff50n);
    double SE = p->T65 * p->T66 * native_hill(pow(q->PTHc, p->AlphOHgam), p->T67n) * PhosEffect;
    f[B] = y[AOH] - p->T69 * y[B];
    f[AOH] = SE - p->T64 * y[AOH];

    double J48 = fmax(p->T48 * y[GFR] * (q->C2 - p->T46), 0.0), J53 = p->T52 * y[PhosGut];
    double J54 = p->T49 * q->C2, J56 = p->T55 * y[IntraPO];
    f[ECCPhos] = p->PtoCa * (q->J14 - q->J15) - J48 + J53 - J54 + J56;
    f[PhosGut] = p->intake_phosphate * p->F12 - J53;
    f[IntraPO] = J54 - J56;

    double change = (p->T34 - p->T33) * q->C8 / (p->T35 + q->C8);
    f[R] = (p->T33 + change) * (1.0 - y[R]) - (p->T34 - change) * y[R];
    f[T] = p->intake * p->T77 * native_hill(pow(y[R], p->T80), p->T81Rn) - q->J40;
    f[P] = q->J14 - q->J15 - q->J27 + q->J40;
    f[UCA] = q->J27;
    f[GFR] = -p->kGFR * y[GFR];
}

static void rates_of_bone(const Subject *p, const double *y, const Shared *q, double *f)
{
    double J14a = p->k14a * y[Qbone], J15a = p->k15a * y[Q];
    f[Q] = q->J15 - q->J14 + J14a - J15a;
    f[Qbone] = J15a - J14a;
    f[HAp] = (q->rOB - y[HAp]) / p->HApMRT;

    double activated = p->koutTGF0 * pow(y[TGFB] / p->TGFB_0, p->koutTGFGam) * y[TGFB] * pow(q->rOC, p->OCtgfGAM) *
                       pow(y[EST], p->tgfbactGAM);
    f[TGFB] = p->koutTGF0 * p->TGFB_0 * pow(q->rOB, p->OBtgfGAM) / pow(y[EST], p->tgfbGAM) - activated;
    f[TGFBact] = activated - p->TGFratio * p->koutTGF0 * y[TGFBact];

    double PicROB = p->FracPicROB * p->Pic0 + p->EmaxPicROB * native_hill(pow(q->rTGF, p->PicROBgam), p->EC50PicROB);
    double PicOB = p->FracPicOB * p->Pic0 + p->EmaxPicOB * native_hill(pow(q->rTGF, p->PicOBgam), p->EC50PicOB);
    double made = p->bigDb / PicOB * y[ROB1];
    Loss l = loss_of_osteoblasts(p, y, q);
    f[ROB1] = p->Dr * PicROB / pow(y[EST], p->robGAM) - made;
    f[OBfast] = made * p->FracOBfast * l.kbfast / l.kbprime - l.kbfast * y[OBfast];
    f[OBslow] = made * (1.0 - p->FracOBfast) * p->Frackb - l.kbslow * y[OBslow];

    double MeffOC = p->E0Meff + p->EmaxMeffOC * native_hill(pow(q->Mpos, p->kinOCgam), p->EC50MeffOC);
    double PicOC = p->FracPicOC * p->Pic0 + p->EmaxPicOC * native_hill(pow(q->rTGF, p->PicOCgam), p->EC50PicOC);
    double hsurv = native_hill(pow(q->Mpos / p->RNKs, p->LsurvOCgam), p->EC50surv);
    double LsurvOC = p->E0RANKL - (p->E0RANKL - p->EmaxL) * hsurv;
    f[OC] = p->turnover * (p->Pic0 * MeffOC * p->OC_0 - PicOC * LsurvOC * y[OC]);

    double formed = pow(q->rOB, p->gamOB);
    f[BMDls] = p->koutBMDls * (formed - pow(q->rOC, p->gamOCls) * y[BMDls]);
    f[BMDlsDEN] = p->koutBMDlsDEN * (formed - pow(q->rOC, p->gamOClsDEN) * y[BMDlsDEN]);
    f[BMDfn] = p->koutBMDfn * (formed - pow(q->rOC, p->gamOCfn) * y[BMDfn]);
}

static void rates_of_signals(const Subject *p, const double *y, const Shared *q, double *f)
{
    double effect = pow(q->rOB, p->OsteoEffectGam), rROB = y[ROB1] / p->ROB1_0;
    double LpthEff = p->EmaxLpth * q->PTHc / ((p->EmaxLpth - 1.0) * p->PTH0 * effect + q->PTHc);
    double kinL = p->fRANKL * p->koutL * p->L_0 * effect * LpthEff;
    double kinRNK = p->fRANK * p->koutRNK * p->RNK_0 * pow(q->rTGF, p->kinRNKgam);
    double pO = p->fOPG * p->kO * p->O_0 * rROB * (q->PTHc + p->opgPTH50 * rROB) / (2.0 * q->PTHc);
    double bLR = p->k3 * y[RNK] * y[L] - p->k4 * y[M], bLO = p->k1 * y[O] * y[L] - p->k2 * y[N];
    f[L] = kinL - p->koutL * y[L] - bLO - bLR - p->kdenosl * p->DENMOL * y[DENCENT] * y[L];
    f[RNK] = kinRNK - p->koutRNK * y[RNK] - bLR;
    f[M] = bLR;
    f[N] = bLO;
    f[O] = pO - p->kO * y[O] - bLO;

    double RX2Kout = p->E0rx2Kout + p->EmaxPTHRX2x * q->PTHc / (q->PTHc + p->EC50PTHRX2x);
    double creb = p->E0crebKin + p->EmaxPTHcreb * q->PTHc / (q->PTHc + p->EC50PTHcreb);
    f[RX2] = p->RX2Kout0 * p->RX2_0 - RX2Kout * y[RX2];
    f[CREB] = p->crebKout * (p->CREB_0 * creb - y[CREB]);
    f[BCL2] = p->bcl2Kout * (y[CREB] * y[RX2] - y[BCL2]);

    double DENCP = y[DENCENT] / p->DENVC, exchange = p->DENQ * (DENCP - y[DENPER] / p->DENVP);
    f[DENSC] = -p->DENKA * y[DENSC];
    f[DENCENT] = p->DENKA * y[DENSC] - exchange - (p->DENCL + p->DENVMAX / (p->DENKM + DENCP)) * DENCP;
    f[DENPER] = exchange;
}

static void rates(const void *subject, double t, const double *y, double *f)
{
    const Subject *p = subject;
    Shared q = share(p, y);
    rates_of_plasma(p, y, &q, f);
    rates_of_bone(p, y, &q, f);
    rates_of_signals(p, y, &q, f);
    double age = p->ageENTER + t / HOURS_A_WEEK, since = age - p->ageONSET, half = p->menoDUR / 2.0;
    double lost = since < 0.0 ? 0.0 : p->age50 * since * since / (half * half + since * since);
    f[EST] = p->ESTON * p->koutEST * (pow(age / p->ageENTER, p->ageGAM) * (1.0 - lost) - y[EST]);
}

/* ---- 4. Jacobian: d[row][column] ---- */

typedef double Row[N_STATES];

/* d hill(x)/dx from hill(x). */
static double slope(double hill, double n, double x)
{
    return n * hill * (1.0 - hill) / x;
}

static void jacobian_of_gland(const Subject *p, const double *y, const Shared *q, Row *d)
{
    double hCa = native_hill(pow(q->Ca, p->T59), p->T60), T63 = p->T58 - (p->T58 - p->T61) * hCa;
    d[PTH][PTH] = -p->kout;
    d[PTH][S] = T63 / p->S_0 * y[PTmax];
    d[PTH][PTmax] = T63 * y[S] / p->S_0;
    d[PTH][P] = -(p->T58 - p->T61) * slope(hCa, p->T59, y[P]) * y[S] / p->S_0 * y[PTmax];
    d[PTH][TERISC] = p->TERI;
    d[TERISC][TERISC] = -p->TERI;
    d[TERICENT][TERISC] = p->TERI;
    d[TERICENT][TERICENT] = -p->TERIKA;

    double by_calcium = p->T72_0 * pow(p->Ca0 / q->Ca, p->ScaEffGam);
    double T74 = tanh(p->T71 * (q->C8 - by_calcium)), steep = -0.85 * p->T70 * p->T71 * (1.0 - T74 * T74);
    d[S][S] = -2.0 * p->T70;
    d[S][B] = steep / p->V1;
    d[S][P] = steep * by_calcium * p->ScaEffGam / y[P];

    double hC8 = native_hill(pow(q->C8, p->CtriolPTgam), p->Ctriol50);
    d[PTmax][PTmax] = -p->PTout;
    d[PTmax][B] = -p->PTout * (p->CtriolMax - p->CtriolMin) * slope(hC8, p->CtriolPTgam, y[B]);

    double hPTH = native_hill(pow(q->PTHc, p->AlphOHgam), p->T67n), PhosEffect = 1.0, bend = 0.0;
    if (q->C2 > p->Phos12) {
        double hC2 = native_hill(pow(q->C2, p->PhosEffGam), p->PhosEff50n), most = p->PhosEffMax * p->PhosEff0;
        PhosEffect = p->PhosEff0 - most * hC2;
        bend = -most * slope(hC2, p->PhosEffGam, y[ECCPhos]);
    }
    d[B][B] = -p->T69;
    d[B][AOH] = 1.0;
    d[AOH][AOH] = -p->T64;
    d[AOH][PTH] = p->T65 * p->T66 * slope(hPTH, p->AlphOHgam, y[PTH]) * PhosEffect;
    d[AOH][ECCPhos] = p->T65 * p->T66 * hPTH * bend;
}

/* What the calcium of the urine adds to the row of plasma and, with the other sign, of urine. */
static void jacobian_of_urine(const Subject *p, const double *y, const Shared *q, Row *d)
{
    bool flows = q->J27 > 0.0;
    double keep = flows ? q->keep : 0.0, rest = p->PTH0 * (p->T16 - 1.0), below = q->C8 + p->T9;
    double filtered = p->FracFilt * y[GFR] * q->Ca;
    d[UCA][P] = keep * (p->FracFilt * y[GFR] / p->V1 - q->Reab * p->Reabs50 / (p->Reabs50 + q->Ca) / y[P]);
    d[UCA][PTH] = -keep * q->Reab * rest / (q->PTHc + rest) / y[PTH];
    d[UCA][B] = flows ? -p->T7 * p->T9 / (below * below) / p->V1 * (filtered - q->Reab) : 0.0;
    d[UCA][EST] = -keep * q->Reab / q->tmEST * (1.0 - p->maxTmESTkid) / 0.9;
    d[UCA][GFR] =
        keep * (p->FracFilt * q->Ca - q->Reab * p->FracFilt * p->Ca0 / (p->FracFilt * y[GFR] * p->Ca0 - p->ReabsLeft));
    d[P][PTH] = -d[UCA][PTH];
    d[P][B] = -d[UCA][B];
    d[P][EST] = -d[UCA][EST];
    d[P][GFR] = -d[UCA][GFR];
}

static void jacobian_of_calcium(const Subject *p, const double *y, const Shared *q, Row *d)
{
    double J14_OC = q->byOC * (p->J14OCgam * (1.0 - q->hOC) - p->MOCratioGam) / y[OC];
    double J14_M = y[M] > 0.0 ? q->byOC * p->MOCratioGam / y[M] : 0.0;
    double J15_P = q->J15 / y[P], J15_HAp = p->T15 * y[P] * p->FracJ15;
    double J40_T = q->active * (2.0 / y[T] - 1.0 / (y[T] + p->T29) - 1.0 / (y[T] + p->T81)) + p->T87;
    double J40_R = q->active / y[R], hR = native_hill(pow(y[R], p->T80), p->T81Rn);
    jacobian_of_urine(p, y, q, d);
    d[P][P] = -J15_P - d[UCA][P];
    d[P][OC] = J14_OC;
    d[P][M] = J14_M;
    d[P][HAp] = -J15_HAp;
    d[P][T] = J40_T;
    d[P][R] = J40_R;
    d[T][T] = -J40_T;
    d[T][R] = p->intake * p->T77 * slope(hR, p->T80, y[R]) - J40_R;

    double below = p->T35 + q->C8;
    d[R][R] = -(p->T33 + p->T34);
    d[R][B] = (p->T34 - p->T33) * p->T35 / (below * below) / p->V1;
    d[HAp][HAp] = -1.0 / p->HApMRT;
    d[HAp][OBfast] = d[HAp][OBslow] = 1.0 / p->HApMRT / p->OBtot0;

    bool lets_go = y[GFR] * (q->C2 - p->T46) > 0.0;
    d[ECCPhos][ECCPhos] = -(lets_go ? p->T48 * y[GFR] / p->V1 : 0.0) - p->T49 / p->V1;
    d[ECCPhos][GFR] = lets_go ? -p->T48 * (q->C2 - p->T46) : 0.0;
    d[ECCPhos][OC] = p->PtoCa * J14_OC;
    d[ECCPhos][M] = p->PtoCa * J14_M;
    d[ECCPhos][P] = -p->PtoCa * J15_P;
    d[ECCPhos][HAp] = -p->PtoCa * J15_HAp;
    d[ECCPhos][PhosGut] = p->T52;
    d[ECCPhos][IntraPO] = p->T55;
    d[PhosGut][PhosGut] = -p->T52;
    d[IntraPO][ECCPhos] = p->T49 / p->V1;
    d[IntraPO][IntraPO] = -p->T55;

    d[Q][Q] = -p->k15a;
    d[Q][Qbone] = p->k14a;
    d[Q][OC] = -J14_OC;
    d[Q][M] = -J14_M;
    d[Q][P] = J15_P;
    d[Q][HAp] = J15_HAp;
    d[Qbone][Q] = p->k15a;
    d[Qbone][Qbone] = -p->k14a;
}

static void jacobian_of_osteoblasts(const Subject *p, const double *y, const Shared *q, Row *d)
{
    double hROB = native_hill(pow(q->rTGF, p->PicROBgam), p->EC50PicROB);
    double hOB = native_hill(pow(q->rTGF, p->PicOBgam), p->EC50PicOB);
    double PicROB = p->FracPicROB * p->Pic0 + p->EmaxPicROB * hROB, PicOB = p->FracPicOB * p->Pic0 + p->EmaxPicOB * hOB;
    double KPT = p->bigDb / PicOB, by_estrogen = pow(y[EST], -p->robGAM);
    double KPT_TGF = -KPT / PicOB * p->EmaxPicOB * slope(hOB, p->PicOBgam, y[TGFBact]);
    d[ROB1][ROB1] = -KPT;
    d[ROB1][TGFBact] = p->Dr * p->EmaxPicROB * slope(hROB, p->PicROBgam, y[TGFBact]) * by_estrogen - KPT_TGF * y[ROB1];
    d[ROB1][EST] = -p->Dr * PicROB * by_estrogen * p->robGAM / y[EST];

    Loss l = loss_of_osteoblasts(p, y, q);
    double scale = p->E0RUNX2kbEffFACT * p->kb, fast_prime = p->Frackb * (p->OBfast_0 - p->OBtot0) / p->OBfast_0;
    double prime_TGF = -scale * (p->MultPicOBkb - p->FracPic0kb) * slope(l.hkb, p->PicOBgamkb, y[TGFBact]) *
                       l.by_estrogen;
    double prime_EST = -scale * l.PicOBkbEff * p->E2scalePicB1 / y[EST];
    double prime_BCL2 = y[BCL2] > p->BCL2on ? -scale * p->RUNkbMaxFact * slope(l.hRUN, p->RUNkbGAM, l.RUNX2) : 0.0;
    double made = KPT * y[ROB1], ratio = l.kbfast / l.kbprime;
    double fast = made * p->FracOBfast * (fast_prime - ratio) / l.kbprime - fast_prime * y[OBfast];
    double slow = -p->Frackb * y[OBslow];
    d[OBfast][ROB1] = KPT * p->FracOBfast * ratio;
    d[OBfast][TGFBact] = KPT_TGF * y[ROB1] * p->FracOBfast * ratio + fast * prime_TGF;
    d[OBfast][EST] = fast * prime_EST;
    d[OBfast][BCL2] = fast * prime_BCL2;
    d[OBfast][OBfast] = -l.kbfast;
    d[OBslow][ROB1] = KPT * (1.0 - p->FracOBfast) * p->Frackb;
    d[OBslow][TGFBact] = KPT_TGF * y[ROB1] * (1.0 - p->FracOBfast) * p->Frackb + slow * prime_TGF;
    d[OBslow][EST] = slow * prime_EST;
    d[OBslow][BCL2] = slow * prime_BCL2;
    d[OBslow][OBslow] = -l.kbslow;
}

static void jacobian_of_osteoclasts(const Subject *p, const double *y, const Shared *q, Row *d)
{
    double hM = native_hill(pow(q->Mpos, p->kinOCgam), p->EC50MeffOC);
    double hTGF = native_hill(pow(q->rTGF, p->PicOCgam), p->EC50PicOC);
    double hsurv = native_hill(pow(q->Mpos / p->RNKs, p->LsurvOCgam), p->EC50surv);
    double PicOC = p->FracPicOC * p->Pic0 + p->EmaxPicOC * hTGF, range = p->E0RANKL - p->EmaxL;
    double LsurvOC = p->E0RANKL - range * hsurv;
    double made_M = y[M] > 0.0 ? p->Pic0 * p->EmaxMeffOC * slope(hM, p->kinOCgam, y[M]) * p->OC_0 : 0.0;
    double surv_M = y[M] > 0.0 ? -range * slope(hsurv, p->LsurvOCgam, y[M]) : 0.0;
    d[OC][OC] = -p->turnover * PicOC * LsurvOC;
    d[OC][M] = p->turnover * (made_M - PicOC * surv_M * y[OC]);
    d[OC][TGFBact] = -p->turnover * p->EmaxPicOC * slope(hTGF, p->PicOCgam, y[TGFBact]) * LsurvOC * y[OC];

    double activated = p->koutTGF0 * pow(y[TGFB] / p->TGFB_0, p->koutTGFGam) * y[TGFB] * pow(q->rOC, p->OCtgfGAM) *
                       pow(y[EST], p->tgfbactGAM);
    double made = p->koutTGF0 * p->TGFB_0 * pow(q->rOB, p->OBtgfGAM) / pow(y[EST], p->tgfbGAM);
    d[TGFBact][TGFB] = activated * (p->koutTGFGam + 1.0) / y[TGFB];
    d[TGFBact][OC] = activated * p->OCtgfGAM / y[OC];
    d[TGFBact][EST] = activated * p->tgfbactGAM / y[EST];
    d[TGFBact][TGFBact] = -p->TGFratio * p->koutTGF0;
    d[TGFB][TGFB] = -d[TGFBact][TGFB];
    d[TGFB][OC] = -d[TGFBact][OC];
    d[TGFB][EST] = -made * p->tgfbGAM / y[EST] - d[TGFBact][EST];
    d[TGFB][OBfast] = d[TGFB][OBslow] = made * p->OBtgfGAM / q->OB;
}

static void jacobian_of_density(const Subject *p, const double *y, const Shared *q, Row *d)
{
    const struct {
        int state;
        double turnover, exponent;
    } sites[] = {{BMDls, p->koutBMDls, p->gamOCls},
                 {BMDlsDEN, p->koutBMDlsDEN, p->gamOClsDEN},
                 {BMDfn, p->koutBMDfn, p->gamOCfn}};
    double formed = pow(q->rOB, p->gamOB) * p->gamOB / q->OB;
    for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++) {
        int row = sites[i].state;
        double resorbed = sites[i].turnover * pow(q->rOC, sites[i].exponent);
        d[row][row] = -resorbed;
        d[row][OC] = -resorbed * y[row] * sites[i].exponent / y[OC];
        d[row][OBfast] = d[row][OBslow] = sites[i].turnover * formed;
    }
}

static void jacobian_of_rankl(const Subject *p, const double *y, const Shared *q, Row *d)
{
    double effect = pow(q->rOB, p->OsteoEffectGam), below = (p->EmaxLpth - 1.0) * p->PTH0 * effect + q->PTHc;
    double kinL = p->fRANKL * p->koutL * p->L_0 * effect * p->EmaxLpth * q->PTHc / below;
    d[L][PTH] = kinL * (1.0 - q->PTHc / below) / y[PTH];
    d[L][OBfast] = d[L][OBslow] = kinL * q->PTHc / below * p->OsteoEffectGam / q->OB;
    d[L][L] = -p->koutL - p->k1 * y[O] - p->k3 * y[RNK] - p->kdenosl * p->DENMOL * y[DENCENT];
    d[L][RNK] = -p->k3 * y[L];
    d[L][M] = p->k4;
    d[L][N] = p->k2;
    d[L][O] = -p->k1 * y[L];
    d[L][DENCENT] = -p->kdenosl * p->DENMOL * y[L];
    d[RNK][TGFBact] = p->fRANK * p->koutRNK * p->RNK_0 * pow(q->rTGF, p->kinRNKgam) * p->kinRNKgam / y[TGFBact];
    d[RNK][RNK] = -p->koutRNK - p->k3 * y[L];
    d[RNK][L] = -p->k3 * y[RNK];
    d[RNK][M] = p->k4;
    d[M][RNK] = p->k3 * y[L];
    d[M][L] = p->k3 * y[RNK];
    d[M][M] = -p->k4;
    d[N][O] = p->k1 * y[L];
    d[N][L] = p->k1 * y[O];
    d[N][N] = -p->k2;

    double rROB = y[ROB1] / p->ROB1_0, made = p->fOPG * p->kO * p->O_0 / (2.0 * q->PTHc);
    d[O][ROB1] = made * (q->PTHc + 2.0 * p->opgPTH50 * rROB) / p->ROB1_0;
    d[O][PTH] = -made * rROB * p->opgPTH50 * rROB / y[PTH];
    d[O][O] = -p->kO - p->k1 * y[L];
    d[O][L] = -p->k1 * y[O];
    d[O][N] = p->k2;
}

static void jacobian_of_signals(const Subject *p, const double *y, const Shared *q, Row *d)
{
    double to_RX2 = q->PTHc + p->EC50PTHRX2x, to_CREB = q->PTHc + p->EC50PTHcreb;
    d[RX2][PTH] = -p->EmaxPTHRX2x * p->EC50PTHRX2x / (to_RX2 * to_RX2) / p->V1 * y[RX2];
    d[RX2][RX2] = -(p->E0rx2Kout + p->EmaxPTHRX2x * q->PTHc / to_RX2);
    d[CREB][PTH] = p->crebKout * p->CREB_0 * p->EmaxPTHcreb * p->EC50PTHcreb / (to_CREB * to_CREB) / p->V1;
    d[CREB][CREB] = -p->crebKout;
    d[BCL2][CREB] = p->bcl2Kout * y[RX2];
    d[BCL2][RX2] = p->bcl2Kout * y[CREB];
    d[BCL2][BCL2] = -p->bcl2Kout;

    double DENCP = y[DENCENT] / p->DENVC, below = p->DENKM + DENCP;
    d[DENSC][DENSC] = -p->DENKA;
    d[DENCENT][DENSC] = p->DENKA;
    d[DENCENT][DENCENT] = -(p->DENQ + p->DENCL + p->DENVMAX * p->DENKM / (below * below)) / p->DENVC;
    d[DENCENT][DENPER] = p->DENQ / p->DENVP;
    d[DENPER][DENCENT] = p->DENQ / p->DENVC;
    d[DENPER][DENPER] = -p->DENQ / p->DENVP;
    d[EST][EST] = -p->ESTON * p->koutEST;
    d[GFR][GFR] = -p->kGFR;
}

static void jacobian(const void *subject, const double *y, double *ret_jacobian)
{
    const Subject *p = subject;
    Row *d = (Row *)ret_jacobian;
    Shared q = share(p, y);
    jacobian_of_gland(p, y, &q, d);
    jacobian_of_calcium(p, y, &q, d);
    jacobian_of_osteoblasts(p, y, &q, d);
    jacobian_of_osteoclasts(p, y, &q, d);
    jacobian_of_density(p, y, &q, d);
    jacobian_of_rankl(p, y, &q, d);
    jacobian_of_signals(p, y, &q, d);
}

/* A table, by column, then row. */
/* clang-format off */
static const unsigned char entries[][2] = {
    {PTH, PTH}, {AOH, PTH}, {P, PTH}, {L, PTH}, {O, PTH}, {RX2, PTH}, {CREB, PTH}, {UCA, PTH}, {PTH, S}, {S, S},
    {PTH, PTmax}, {PTmax, PTmax}, {S, B}, {PTmax, B}, {B, B}, {P, B}, {R, B}, {UCA, B}, {B, AOH}, {AOH, AOH},
    {PTH, P}, {S, P}, {P, P}, {ECCPhos, P}, {Q, P}, {UCA, P}, {AOH, ECCPhos}, {ECCPhos, ECCPhos}, {IntraPO, ECCPhos},
    {P, T}, {T, T}, {P, R}, {T, R}, {R, R}, {P, HAp}, {ECCPhos, HAp}, {HAp, HAp}, {Q, HAp}, {ECCPhos, PhosGut},
    {PhosGut, PhosGut}, {ECCPhos, IntraPO}, {IntraPO, IntraPO}, {Q, Q}, {Qbone, Q}, {Q, Qbone}, {Qbone, Qbone},
    {TGFB, TGFB}, {TGFBact, TGFB}, {TGFBact, TGFBact}, {ROB1, TGFBact}, {OBfast, TGFBact}, {OBslow, TGFBact},
    {OC, TGFBact}, {RNK, TGFBact}, {ROB1, ROB1}, {OBfast, ROB1}, {OBslow, ROB1}, {O, ROB1}, {HAp, OBfast},
    {TGFB, OBfast}, {OBfast, OBfast}, {L, OBfast}, {BMDls, OBfast}, {BMDlsDEN, OBfast}, {BMDfn, OBfast},
    {HAp, OBslow}, {TGFB, OBslow}, {OBslow, OBslow}, {L, OBslow}, {BMDls, OBslow}, {BMDlsDEN, OBslow},
    {BMDfn, OBslow}, {P, OC}, {ECCPhos, OC}, {Q, OC}, {TGFB, OC}, {TGFBact, OC}, {OC, OC}, {BMDls, OC},
    {BMDlsDEN, OC}, {BMDfn, OC}, {L, L}, {RNK, L}, {M, L}, {N, L}, {O, L}, {L, RNK}, {RNK, RNK}, {M, RNK}, {P, M},
    {ECCPhos, M}, {Q, M}, {OC, M}, {L, M}, {RNK, M}, {M, M}, {L, N}, {N, N}, {O, N}, {L, O}, {N, O}, {O, O},
    {RX2, RX2}, {BCL2, RX2}, {CREB, CREB}, {BCL2, CREB}, {OBfast, BCL2}, {OBslow, BCL2}, {BCL2, BCL2}, {PTH, TERISC},
    {TERISC, TERISC}, {TERICENT, TERISC}, {TERICENT, TERICENT}, {DENSC, DENSC}, {DENCENT, DENSC}, {L, DENCENT},
    {DENCENT, DENCENT}, {DENPER, DENCENT}, {DENCENT, DENPER}, {DENPER, DENPER}, {BMDls, BMDls}, {BMDlsDEN, BMDlsDEN},
    {BMDfn, BMDfn}, {P, EST}, {TGFB, EST}, {TGFBact, EST}, {ROB1, EST}, {OBfast, EST}, {OBslow, EST}, {EST, EST},
    {UCA, EST}, {P, GFR}, {ECCPhos, GFR}, {GFR, GFR}, {UCA, GFR}};
/* clang-format on */

/* ---- 5. Start, dose, outputs ---- */

static void initial(const void *subject, double *y)
{
    const Subject *p = subject;
    double fast = p->OBfast_0;
    const double start[N_STATES] = {[PTH] = p->PTH_0,
                                    [S] = p->S_0,
                                    [PTmax] = p->PTmax_0,
                                    [B] = p->B_0,
                                    [AOH] = p->AOH_0,
                                    [P] = p->P_0,
                                    [ECCPhos] = p->ECCPhos_0,
                                    [T] = p->T_0,
                                    [R] = p->R_0,
                                    [HAp] = p->HAp_0,
                                    [PhosGut] = p->PhosGut_0,
                                    [IntraPO] = p->IntraPO_0,
                                    [Q] = p->Q_0,
                                    [Qbone] = p->Qbone_0,
                                    [TGFB] = p->TGFB_0,
                                    [TGFBact] = p->Pic0,
                                    [ROB1] = p->ROB1_0,
                                    [OBfast] = fast,
                                    [OC] = p->OC_0,
                                    [OBslow] = p->OBtot0 * (1.0 - p->FracOBfast),
                                    [L] = p->L_0,
                                    [RNK] = p->RNK_0,
                                    [M] = p->M_0,
                                    [N] = p->k1 * p->O_0 * p->L_0 / p->k2,
                                    [O] = p->O_0,
                                    [RX2] = p->RX2_0,
                                    [CREB] = p->CREB_0,
                                    [BCL2] = p->BCL2_0,
                                    [BMDls] = 1.0,
                                    [BMDlsDEN] = 1.0,
                                    [BMDfn] = 1.0,
                                    [EST] = 1.0,
                                    [GFR] = p->GFRbase / p->GFRconv};
    for (size_t i = 0; i < N_STATES; i++)
        y[i] = start[i];
}

static double dose(const void *subject, double mg)
{
    const Subject *p = subject;
    return mg * 1e6 * p->DENF; /* ng */
}

static void outputs(const void *subject, const double *y, double *ret)
{
    const Subject *p = subject;
    Shared q = share(p, y);
    const double values[N_OUTPUTS] = {q.rOC,
                                      q.rOB,
                                      y[ROB1] / p->ROB1_0,
                                      100.0 * q.rOC,
                                      100.0 * q.rOB,
                                      100.0 * y[BMDlsDEN],
                                      100.0 * y[BMDls],
                                      100.0 * y[BMDfn],
                                      q.Ca,
                                      q.PTHc,
                                      q.C2,
                                      q.C8,
                                      HOURS_A_DAY * q.J27,
                                      y[DENCENT] / p->DENVC,
                                      y[EST],
                                      y[GFR] * p->GFRconv};
    for (size_t i = 0; i < N_OUTPUTS; i++)
        ret[i] = values[i];
}

const Native native_openbonemin = {.model = "openbonemin-2017",
                                   .n_states = N_STATES,
                                   .n_outputs = N_OUTPUTS,
                                   .n_parameters = N_PARAMETERS,
                                   .state_names = state_names,
                                   .parameter_names = parameter_names,
                                   .n_entries = sizeof entries / sizeof entries[0],
                                   .entries = entries,
                                   .dosed = DENSC,
                                   .prepare = prepare,
                                   .initial = initial,
                                   .dose = dose,
                                   .rates = rates,
                                   .jacobian = jacobian,
                                   .outputs = outputs};
