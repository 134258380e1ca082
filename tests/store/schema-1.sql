-- What marblebone of schema 1 (commit f38602b) wrote: several models, what one cannot express, drivers, a failed animal, series, steady starts.
-- Made with sqlite3's .dump, which leaves out application_id and user_version; the host's name is made up.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE file (
    file_id INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL CHECK (kind IN ('experiment', 'model', 'drivers')),
    sha256  TEXT NOT NULL,
    name    TEXT NOT NULL,
    text    TEXT NOT NULL,
    UNIQUE (kind, sha256)
) STRICT;
INSERT INTO file VALUES(1,'experiment','741645d3103f95e1eeb6a2de1917118b5912d4d38e15e3db766089f38f69efcc','upgrade',replace('experiment: upgrade\nquestion: Does a database of an older schema still answer?\nmodels: [tiny, fragile]\nanimals: 3\nseed: 3\nmeasure: [1 day, 21 day, 80 day]\ncohorts:\n  wild-type: {}\n  knockout: {genotype: {Tnfsf11: fl/-, cre: Dmp1-Cre}}\n','\n',char(10)));
INSERT INTO file VALUES(2,'model','22f0928443bc36eb758308ef3bf104916eaf2ecaa7a0a845cbb69bea665266d7','tiny',replace('# The smallest model with a gene, a drug, a procedure, settings and a trait.\nmodel: tiny\ntitle: one pool of bone\ntime: day\nclock: age\nparameters:\n  k_in: {value: 1, unit: mg/day, source: made up}\n  k_out: {value: 0.1, unit: 1/day, source: made up, variability: {lognormal: 0.1}}\n  k_gene: {value: 1, unit: 1, source: made up}\n  k_liver: {value: 1, unit: 1, source: made up}\n  E: {value: 1, unit: 1, source: made up}\nstates:\n  bone: {initial: 2, unit: mg, rate: k_in*E*(k_gene + k_liver) - k_out*bone}\nphenotypes:\n  BV/TV: {is: bone, unit: mg, noise: {lognormal: 0.02}}\ngenes:\n  Tnfsf11: {protein: RANKL, sites: {osteocyte: k_gene, liver: {scales: k_liver, endogenous: 0}}}\ndrugs:\n  OYC1: {unit: mg, into: bone, amount: dose, about: a dose of bone}\nprocedures:\n  ovariectomy: {set: {E: 0.05}, half_time: 3 day}\n  surgery: {set: {k_in: 3}}\n  cast: {set: {k_in: x0.5}}\nsettings:\n  sex: {female: {}, male: {k_in: x1.2}}\n  site: {femur: {}, L3: {k_out: x0.5}}\ntraits:\n  growing: {when: k_in*k_gene > 0, at: 3 wk}\n','\n',char(10)));
INSERT INTO file VALUES(3,'drivers','9bd8c9e0b8c5ba9d45517845b043aea406b80c049220e2eb7ed631942342caf5','drivers',replace('drivers:\n  Dmp1-Cre: {sites: {osteocyte: {efficiency: 0.8, source: made up, evidence: assumed}}}\n  Sost-CreERT2: {inducible: tamoxifen, sites: {osteocyte: {efficiency: 0.5, source: made up, evidence: assumed}}}\n  Prx1-Cre: {spares: [L3], sites: {osteocyte: {efficiency: 0.9, source: made up, evidence: assumed}}}\n  CMV-Cre: {germline: yes}\n','\n',char(10)));
INSERT INTO file VALUES(4,'model','bec4e6fab5a9a0678dfa87c58ae9a111a67752d341fb7b749faf5d4985d84211','fragile',replace('# Some animals explode: bone'' = g bone^2 has a pole at t = 1/(g bone(0)) when g is positive.\nmodel: fragile\ntime: day\nparameters:\n  g: {value: 0.002, unit: 1/day, source: made up}\n  sign: {value: 0.5, unit: 1, source: made up, variability: {uniform: 1}}\nstates:\n  bone: {initial: 1, unit: 1, rate: g*(sign - 0.5)*20*bone^2}\nphenotypes:\n  BV/TV: {is: bone, unit: 1}\n','\n',char(10)));
INSERT INTO file VALUES(5,'experiment','0c9b42bed43ba9d1b6a553e72a082acbcfa851d37c311cbbb7a99b5d2a38d0fd','upgrade-grid',replace('experiment: upgrade-grid\nmodel: tiny\nanimals: 2\nmeasure: {from: 0 day, to: 2 day, every: 1 day}\nrecord: [k_out]\ncohorts: {wild-type: {}, dosed: {treatments: [{drug: OYC1, dose: 2 mg, at: 1 day}]}}\n','\n',char(10)));
INSERT INTO file VALUES(6,'experiment','fbda9853518f87404efef3394228d336dbe165d709dbf23a5cfc71054e617b8d','upgrade-steady',replace('experiment: upgrade-steady\nmodel: rests\nanimals: 2\nmeasure: [1 day]\ncohorts: {wild-type: {}}\n','\n',char(10)));
INSERT INTO file VALUES(7,'model','1b60de89bdde1f251cfe2dc633b97601eddb6389f8dca2b0e5ec28359a6659de','rests',replace('# Flows that are hard to follow to their end.\nmodel: rests\ntime: day\nparameters:\n  k: {value: 1, unit: 1/day, source: made up, variability: {uniform: 0.5}}\nstates:\n  # 3 y <-> x with a total: x + 3 y = 6.6 stays, and x = 3 y at rest\n  x: {initial: steady, near: 4.8, unit: 1, rate: -0.1*k*x + 0.3*k*y}\n  y: {initial: steady, near: 0.6, unit: 1, rate: 0.1*k*x/3 - 0.3*k*y/3}\n  # a fast state beside a slow one\n  fast: {initial: steady, near: 3, unit: 1, rate: 1e9*k*(slow - fast)}\n  slow: {initial: steady, near: 3, unit: 1, rate: k*(2 - slow)}\n  # a loss with a pole just below 0, at rest at 1e-5\n  km: {initial: steady, near: 1, unit: 1, rate: 0.5*k - k*km/(1e-5 + km)}\nphenotypes: {X: {is: x, unit: 1}}\n','\n',char(10)));
CREATE TABLE run (
    run_id        INTEGER PRIMARY KEY,
    key           TEXT NOT NULL UNIQUE,
    experiment    TEXT NOT NULL,
    question      TEXT NOT NULL,
    model         TEXT NOT NULL,
    experiment_file_id INTEGER NOT NULL REFERENCES file,
    model_file_id      INTEGER NOT NULL REFERENCES file,
    drivers_file_id    INTEGER REFERENCES file,
    seed          INTEGER NOT NULL,
    rtol          REAL NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('running', 'partial', 'complete')),
    command       TEXT NOT NULL,
    experiment_path TEXT NOT NULL,
    model_path      TEXT NOT NULL,
    drivers_path    TEXT,
    host          TEXT NOT NULL,
    started_at    TEXT NOT NULL,
    finished_at   TEXT
) STRICT;
INSERT INTO run VALUES(1,'88ca544c87710a67a1b879e3672acb5389f60e91045895d13e0dc9d4f1c5fc9d','upgrade','Does a database of an older schema still answer?','tiny',1,2,3,3,1.0000000000000000622e-09,'complete','marblebone run a.yaml --db r.db','a.yaml','models/tiny.yaml','models/drivers.yaml','bench Linux','2026-11-26T13:51:16.610Z','2026-11-26T13:51:16.614Z');
INSERT INTO run VALUES(2,'e908d05a7d0595c874f2432fc473b95d2eb92a76b2163d57b949a8c07cc17a97','upgrade','Does a database of an older schema still answer?','fragile',1,4,3,3,1.0000000000000000622e-09,'complete','marblebone run a.yaml --db r.db','a.yaml','models/fragile.yaml','models/drivers.yaml','bench Linux','2026-11-26T13:51:16.618Z','2026-11-26T13:51:16.623Z');
INSERT INTO run VALUES(3,'191a84a7e8034e4815adf7ef2342d8d654fc0d5b1c9e6af2bc53d8ca26a9c35d','upgrade-grid','','tiny',5,2,NULL,0,1.0000000000000000622e-09,'complete','marblebone run b.yaml --db r.db','b.yaml','models/tiny.yaml',NULL,'bench Linux','2026-11-26T13:51:16.660Z','2026-11-26T13:51:16.678Z');
INSERT INTO run VALUES(4,'fbd81cddc776a17ce2b3a546ab47053502932844e61aeca541e6014585827c09','upgrade-steady','','rests',6,7,NULL,0,1.0000000000000000622e-09,'complete','marblebone run c.yaml --db r.db','c.yaml','models/rests.yaml',NULL,'bench Linux','2026-11-26T13:51:32.179Z','2026-11-26T13:51:32.186Z');
CREATE TABLE run_version (
    run_id INTEGER NOT NULL REFERENCES run,
    name   TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO run_version VALUES(1,'compiler','12.2.0');
INSERT INTO run_version VALUES(1,'database','SQLite 3.40.1');
INSERT INTO run_version VALUES(1,'engine','3');
INSERT INTO run_version VALUES(1,'flags','optimization=0 sanitize=none');
INSERT INTO run_version VALUES(1,'lane-kernel','avx512f');
INSERT INTO run_version VALUES(1,'lanes','64');
INSERT INTO run_version VALUES(1,'libc','glibc 2.36');
INSERT INTO run_version VALUES(1,'marblebone','0.1.0');
INSERT INTO run_version VALUES(1,'solver','SUNDIALS 6.4.1');
INSERT INTO run_version VALUES(1,'source','effdf7375910');
INSERT INTO run_version VALUES(1,'units','UDUNITS-2 2.2.28');
INSERT INTO run_version VALUES(1,'vector-mathematics','SLEEF 3.5.1');
INSERT INTO run_version VALUES(2,'compiler','12.2.0');
INSERT INTO run_version VALUES(2,'database','SQLite 3.40.1');
INSERT INTO run_version VALUES(2,'engine','3');
INSERT INTO run_version VALUES(2,'flags','optimization=0 sanitize=none');
INSERT INTO run_version VALUES(2,'lane-kernel','avx512f');
INSERT INTO run_version VALUES(2,'lanes','64');
INSERT INTO run_version VALUES(2,'libc','glibc 2.36');
INSERT INTO run_version VALUES(2,'marblebone','0.1.0');
INSERT INTO run_version VALUES(2,'solver','SUNDIALS 6.4.1');
INSERT INTO run_version VALUES(2,'source','effdf7375910');
INSERT INTO run_version VALUES(2,'units','UDUNITS-2 2.2.28');
INSERT INTO run_version VALUES(2,'vector-mathematics','SLEEF 3.5.1');
INSERT INTO run_version VALUES(3,'compiler','12.2.0');
INSERT INTO run_version VALUES(3,'database','SQLite 3.40.1');
INSERT INTO run_version VALUES(3,'engine','3');
INSERT INTO run_version VALUES(3,'flags','optimization=0 sanitize=none');
INSERT INTO run_version VALUES(3,'lane-kernel','avx512f');
INSERT INTO run_version VALUES(3,'lanes','64');
INSERT INTO run_version VALUES(3,'libc','glibc 2.36');
INSERT INTO run_version VALUES(3,'marblebone','0.1.0');
INSERT INTO run_version VALUES(3,'solver','SUNDIALS 6.4.1');
INSERT INTO run_version VALUES(3,'source','effdf7375910');
INSERT INTO run_version VALUES(3,'units','UDUNITS-2 2.2.28');
INSERT INTO run_version VALUES(3,'vector-mathematics','SLEEF 3.5.1');
INSERT INTO run_version VALUES(4,'compiler','12.2.0');
INSERT INTO run_version VALUES(4,'database','SQLite 3.40.1');
INSERT INTO run_version VALUES(4,'engine','3');
INSERT INTO run_version VALUES(4,'flags','optimization=0 sanitize=none');
INSERT INTO run_version VALUES(4,'lane-kernel','avx512f');
INSERT INTO run_version VALUES(4,'lanes','64');
INSERT INTO run_version VALUES(4,'libc','glibc 2.36');
INSERT INTO run_version VALUES(4,'marblebone','0.1.0');
INSERT INTO run_version VALUES(4,'solver','SUNDIALS 6.4.1');
INSERT INTO run_version VALUES(4,'source','effdf7375910');
INSERT INTO run_version VALUES(4,'units','UDUNITS-2 2.2.28');
INSERT INTO run_version VALUES(4,'vector-mathematics','SLEEF 3.5.1');
CREATE TABLE cohort (
    cohort_id      INTEGER PRIMARY KEY,
    run_id         INTEGER NOT NULL REFERENCES run,
    position       INTEGER NOT NULL,
    cohort         TEXT NOT NULL,
    control_id     INTEGER NOT NULL REFERENCES cohort DEFERRABLE INITIALLY DEFERRED,
    n_animals      INTEGER NOT NULL,
    first_animal_id INTEGER NOT NULL,
    genotype       TEXT NOT NULL,
    genotype_json  TEXT NOT NULL CHECK (json_valid(genotype_json)),
    treatment      TEXT NOT NULL,
    treatment_json TEXT NOT NULL CHECK (json_valid(treatment_json)),
    settings_json  TEXT NOT NULL CHECK (json_valid(settings_json)),
    changes        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run_id, cohort)
) STRICT;
INSERT INTO cohort VALUES(1,1,0,'wild-type',1,3,1,'wild type','{"genes":{},"cre":[],"efficiency":{}}','none','{"doses":[],"procedures":[],"perturb":[]}','{"sex":"female","site":["femur"]}',0);
INSERT INTO cohort VALUES(2,1,1,'knockout',1,3,4,'Tnfsf11 fl/-; Dmp1-Cre','{"genes":{"Tnfsf11":{"alleles":"fl/-"}},"cre":["Dmp1-Cre"],"efficiency":{}}','none','{"doses":[],"procedures":[],"perturb":[]}','{"sex":"female","site":["femur"]}',0);
INSERT INTO cohort VALUES(3,2,0,'wild-type',3,3,7,'wild type','{"genes":{},"cre":[],"efficiency":{}}','none','{"doses":[],"procedures":[],"perturb":[]}','{}',0);
INSERT INTO cohort VALUES(4,3,0,'wild-type',4,2,10,'wild type','{"genes":{},"cre":[],"efficiency":{}}','none','{"doses":[],"procedures":[],"perturb":[]}','{"sex":"female","site":["femur"]}',0);
INSERT INTO cohort VALUES(5,3,1,'dosed',4,2,12,'wild type','{"genes":{},"cre":[],"efficiency":{}}','OYC1 2 mg at 1 day','{"doses":[{"drug":"OYC1","dose":2,"unit":"mg","time":1,"duration":0}],"procedures":[],"perturb":[]}','{"sex":"female","site":["femur"]}',0);
INSERT INTO cohort VALUES(6,4,0,'wild-type',6,2,14,'wild type','{"genes":{},"cre":[],"efficiency":{}}','none','{"doses":[],"procedures":[],"perturb":[]}','{}',0);
CREATE TABLE unexpressed (
    run_id   INTEGER NOT NULL REFERENCES run,
    position INTEGER NOT NULL,
    cohort   TEXT NOT NULL,
    reason   TEXT NOT NULL,
    PRIMARY KEY (run_id, cohort)
) STRICT, WITHOUT ROWID;
INSERT INTO unexpressed VALUES(2,0,'knockout','''Tnfsf11'' is not a gene of the model ''fragile''');
CREATE TABLE metric (
    metric_id INTEGER PRIMARY KEY,
    run_id    INTEGER NOT NULL REFERENCES run,
    position  INTEGER NOT NULL,
    metric    TEXT NOT NULL,
    unit      TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('phenotype', 'recorded', 'trait')),
    about     TEXT NOT NULL,
    at_d      REAL,
    column_number INTEGER NOT NULL,
    UNIQUE (run_id, metric)
) STRICT;
INSERT INTO metric VALUES(1,1,0,'BV/TV','mg','phenotype','',NULL,1);
INSERT INTO metric VALUES(2,1,1,'growing','1','trait','',21.0,2);
INSERT INTO metric VALUES(3,2,0,'BV/TV','1','phenotype','',NULL,1);
INSERT INTO metric VALUES(4,3,0,'BV/TV','mg','phenotype','',NULL,1);
INSERT INTO metric VALUES(5,3,1,'k_out','1/day','recorded','',NULL,3);
INSERT INTO metric VALUES(6,3,2,'growing','1','trait','',21.0,2);
INSERT INTO metric VALUES(7,4,0,'X','1','phenotype','',NULL,4);
CREATE TABLE animal (
    animal_id  INTEGER PRIMARY KEY,
    cohort_id  INTEGER NOT NULL REFERENCES cohort,
    number     INTEGER NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    failure    TEXT CHECK ((failure IS NULL) = (status = 'done')),
    parameters_json TEXT NOT NULL CHECK (json_valid(parameters_json)),
    steps      INTEGER NOT NULL,
    rate_evaluations     INTEGER NOT NULL,
    jacobian_evaluations INTEGER NOT NULL,
    newton_iterations    INTEGER NOT NULL,
    start_json TEXT CHECK (start_json IS NULL OR json_valid(start_json)),
    UNIQUE (cohort_id, number)
) STRICT;
INSERT INTO animal VALUES(1,1,0,'done',NULL,'{"k_out":0.079428102660346}',190,218,4,215,NULL);
INSERT INTO animal VALUES(2,1,1,'done',NULL,'{"k_out":0.10776202426091341}',190,218,4,215,NULL);
INSERT INTO animal VALUES(3,1,2,'done',NULL,'{"k_out":0.09716337076752646}',190,218,4,215,NULL);
INSERT INTO animal VALUES(4,2,0,'done',NULL,'{"k_out":0.09188933001696466,"Dmp1-Cre osteocyte":0.8}',177,199,4,196,NULL);
INSERT INTO animal VALUES(5,2,1,'done',NULL,'{"k_out":0.0966695301901715,"Dmp1-Cre osteocyte":0.8}',177,199,4,196,NULL);
INSERT INTO animal VALUES(6,2,2,'done',NULL,'{"k_out":0.10319752807967675,"Dmp1-Cre osteocyte":0.8}',177,199,4,196,NULL);
INSERT INTO animal VALUES(7,3,0,'done',NULL,'{"sign":0.6098431079897291}',58,82,2,79,NULL);
INSERT INTO animal VALUES(8,3,1,'failed','stuck at t = 52.6771 day, the steps have become too small: worst in ''bone'': its rate is g*(sign - 0.5)*20*bone^2, with g = 0.002, sign = 0.974589, bone = 1.50766e+12','{"sign":0.9745894996623543}',1939,2415,31,2412,NULL);
INSERT INTO animal VALUES(9,3,2,'done',NULL,'{"sign":0.559954275138624}',58,82,2,79,NULL);
INSERT INTO animal VALUES(10,4,0,'done',NULL,'{"k_out":0.12454754295148679}',107,127,2,124,NULL);
INSERT INTO animal VALUES(11,4,1,'done',NULL,'{"k_out":0.09759308332330771}',107,127,2,124,NULL);
INSERT INTO animal VALUES(12,5,0,'done',NULL,'{"k_out":0.09593291214797364}',120,165,3,159,NULL);
INSERT INTO animal VALUES(13,5,1,'done',NULL,'{"k_out":0.09072796747253244}',120,165,3,159,NULL);
INSERT INTO animal VALUES(14,6,0,'done',NULL,'{"k":1.0628987367490814}',3,6,1,3,'{"":{"method":"flow, then pseudo-transient continuation","steps":217,"residual":0,"slowest":"fast","time_constant":564.2078200919012}}');
INSERT INTO animal VALUES(15,6,1,'done',NULL,'{"k":0.9533637244067693}',3,6,1,3,'{"":{"method":"flow, then pseudo-transient continuation","steps":217,"residual":5.545569553572211e-15,"slowest":"fast","time_constant":401.9726374301394}}');
CREATE TABLE series (
    metric_id INTEGER NOT NULL REFERENCES metric,
    animal_id INTEGER NOT NULL REFERENCES animal,
    site      TEXT NOT NULL,
    ages_json   TEXT NOT NULL CHECK (json_valid(ages_json)),
    values_json TEXT NOT NULL CHECK (json_valid(values_json)),
    PRIMARY KEY (metric_id, animal_id, site)
) STRICT, WITHOUT ROWID;
INSERT INTO series VALUES(4,10,'femur','[0,1,2]','[2,2.706025607473342,3.329372995901702]');
INSERT INTO series VALUES(4,11,'femur','[0,1,2]','[2,2.7667886910015245,3.4622797682388673]');
INSERT INTO series VALUES(4,12,'femur','[0,1,2]','[2,4.770581232083246,5.287723450347804]');
INSERT INTO series VALUES(4,13,'femur','[0,1,2]','[2,4.782509609092478,5.323681351912062]');
INSERT INTO series VALUES(5,10,'femur','[0,1,2]','[0.12454754295148679,0.12454754295148679,0.12454754295148679]');
INSERT INTO series VALUES(5,11,'femur','[0,1,2]','[0.09759308332330771,0.09759308332330771,0.09759308332330771]');
INSERT INTO series VALUES(5,12,'femur','[0,1,2]','[0.09593291214797364,0.09593291214797364,0.09593291214797364]');
INSERT INTO series VALUES(5,13,'femur','[0,1,2]','[0.09072796747253244,0.09072796747253244,0.09072796747253244]');
CREATE TABLE summary (
    cohort_id INTEGER NOT NULL REFERENCES cohort,
    metric_id INTEGER NOT NULL REFERENCES metric,
    site      TEXT NOT NULL,
    age_d     REAL NOT NULL,
    n         INTEGER NOT NULL,
    mean      REAL,
    sd        REAL,
    q1        REAL,
    median    REAL,
    q3        REAL,
    PRIMARY KEY (cohort_id, metric_id, site, age_d)
) STRICT, WITHOUT ROWID;
INSERT INTO summary VALUES(1,1,'femur',1.0,3,2.7353226381772657305,0.038501380648922854665,2.7131945306458407074,2.7168547059293857159,2.7482167795847511904);
INSERT INTO summary VALUES(1,1,'femur',21.0,3,9.498408594564901719,1.0620291612229255662,8.9261505636922962025,9.3075534708564902075,9.9752390635833005916);
INSERT INTO summary VALUES(1,1,'femur',80.0,3,10.443726170219170157,1.7186000795196492152,9.4883797213015288463,9.9526271994274875254,11.153523133740968376);
INSERT INTO summary VALUES(1,2,'femur',21.0,3,1.0,0.0,1.0,1.0,1.0);
INSERT INTO summary VALUES(2,1,'femur',1.0,3,1.9222485413454908353,0.077989714025182274581,1.8788428189210484298,1.8995846914538379035,1.954322338824106886);
INSERT INTO summary VALUES(2,1,'femur',21.0,3,1.1568772819536818907,0.072247104293257619067,1.1236024552313770286,1.1671685176947508288,1.1952977265465212219);
INSERT INTO summary VALUES(2,1,'femur',80.0,3,1.0290321392554302448,0.06579682094196609432,0.99974513875730708356,1.0416502273688101887,1.0646281838102433781);
INSERT INTO summary VALUES(2,2,'femur',21.0,3,1.0,0.0,1.0,1.0,1.0);
INSERT INTO summary VALUES(3,3,'',1.0,2,1.003408527036613318,0.0014207052054552766779,1.0029062318941912579,1.003408527036613318,1.0039108221790356001);
INSERT INTO summary VALUES(3,3,'',21.0,2,1.0773397023731263733,0.034375733693460322482,1.0651860451716719246,1.0773397023731263733,1.0894933595745808219);
INSERT INTO summary VALUES(3,3,'',80.0,2,1.38970746037276216,0.21539572013686811291,1.3135535731990923835,1.38970746037276216,1.4658613475464317144);
INSERT INTO summary VALUES(4,6,'femur',21.0,2,1.0,0.0,1.0,1.0,1.0);
INSERT INTO summary VALUES(5,6,'femur',21.0,2,1.0,0.0,1.0,1.0,1.0);
INSERT INTO summary VALUES(6,7,'',1.0,2,3.2999999999977176479,2.591280593811702484e-12,3.2999999999968014918,3.2999999999977176479,3.2999999999986338039);
CREATE TABLE reading (
    reading_id INTEGER PRIMARY KEY,
    animal_id  INTEGER NOT NULL AS (reading_id >> 20) REFERENCES animal,
    site       TEXT NOT NULL,
    age_d      REAL NOT NULL,
    measured   INTEGER NOT NULL
, value_1 REAL, truth_1 REAL, value_2 REAL, truth_2 REAL, value_3 REAL, truth_3 REAL, value_4 REAL, truth_4 REAL) STRICT;
INSERT INTO reading VALUES(1048576,'femur',1.0,1,2.7095343553622952548,2.8086057165701774351,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(1048577,'femur',21.0,1,10.642924656310110975,10.592454756821751971,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(1048578,'femur',80.0,1,12.35441906805444745,12.571582694974901883,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(2097152,'femur',1.0,1,2.7168547059293857159,2.7436858601405389457,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(2097153,'femur',21.0,1,8.5447476565281039739,8.522343347567545635,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(2097154,'femur',80.0,1,9.0241322431755701671,9.2783944519198495726,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(3145728,'femur',1.0,1,2.7795788532401166648,2.7677697764389881385,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(3145729,'femur',21.0,1,9.3075534708564902075,9.2142178297653689611,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(3145730,'femur',80.0,1,9.9526271994274875254,10.288454044543138721,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(4194304,'femur',1.0,1,2.0090599861943756465,1.9199552845751985952,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(4194305,'femur',21.0,1,1.2234269353982918371,1.2206451320278157712,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(4194306,'femur',80.0,1,1.0876061402516767895,1.0888508376619692175,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(5242880,'femur',1.0,1,1.858100946388258956,1.911030534909048395,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(5242881,'femur',21.0,1,1.1671685176947508288,1.1612552296862048706,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(5242882,'femur',80.0,1,1.0416502273688101887,1.0348749121272236006,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(6291456,'femur',1.0,1,1.8995846914538379035,1.8989107275650036754,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(6291457,'femur',21.0,1,1.0800363927680032283,1.0870670163010549558,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(6291458,'femur',80.0,1,0.95784005014580386738,0.96928325500277368043,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(7340032,'',1.0,1,1.0044131173214578822,1.0044131173214578822,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(7340033,'',21.0,1,1.1016470167760350484,1.1016470167760350484,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(7340034,'',80.0,1,1.5420152347201012688,1.5420152347201012688,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(9437184,'',1.0,1,1.0024039367517689758,1.0024039367517689758,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(9437185,'',21.0,1,1.0530323879702176981,1.0530323879702176981,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(9437186,'',80.0,1,1.2373996860254228291,1.2373996860254228291,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(10485760,'femur',21.0,0,NULL,NULL,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(11534336,'femur',21.0,0,NULL,NULL,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(12582912,'femur',21.0,0,NULL,NULL,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(13631488,'femur',21.0,0,NULL,NULL,1.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO reading VALUES(14680064,'',1.0,1,NULL,NULL,NULL,NULL,NULL,NULL,3.2999999999958853358,3.2999999999958853358);
INSERT INTO reading VALUES(15728640,'',1.0,1,NULL,NULL,NULL,NULL,NULL,NULL,3.2999999999995499599,3.2999999999995499599);
CREATE VIEW recording AS
SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal, metric.metric, metric.unit, series.site,
       CAST(age.value AS REAL) AS age_d, age.value / 7.0 AS age_wk, CAST(reading.value AS REAL) AS value
FROM series
JOIN metric USING (metric_id)
JOIN animal USING (animal_id)
JOIN cohort USING (cohort_id)
JOIN run ON run.run_id = cohort.run_id
JOIN json_each(series.ages_json) AS age
JOIN json_each(series.values_json) AS reading ON reading.key = age.key;
CREATE VIEW cohort_summary AS
WITH ranked AS (
    SELECT cohort.cohort_id, measurement.metric_id, measurement.site, measurement.age_d, measurement.value,
           row_number() OVER point AS place,
           count(*) OVER (PARTITION BY cohort.cohort_id, measurement.metric_id, measurement.site, measurement.age_d) AS n,
           avg(measurement.value) OVER (PARTITION BY cohort.cohort_id, measurement.metric_id, measurement.site,
                                        measurement.age_d) AS mean
    FROM cohort
    CROSS JOIN animal USING (cohort_id)
    CROSS JOIN measurement USING (animal_id)
    WHERE measurement.value IS NOT NULL AND cohort.cohort_id NOT IN (SELECT cohort_id FROM summary)
    WINDOW point AS (PARTITION BY cohort.cohort_id, measurement.metric_id, measurement.site, measurement.age_d
                     ORDER BY measurement.value)
), moment AS (
    SELECT cohort_id, metric_id, site, age_d, n, mean,
           CASE WHEN n > 1 THEN sqrt(sum((value - mean) * (value - mean)) / (n - 1)) END AS sd,
           -- quantiles by linear interpolation between order statistics: place 1 + p (n - 1), type 7 of Hyndman and Fan 1996
           sum(value * max(0.0, 1.0 - abs(place - (1 + 0.25 * (n - 1))))) AS q1,
           sum(value * max(0.0, 1.0 - abs(place - (1 + 0.50 * (n - 1))))) AS median,
           sum(value * max(0.0, 1.0 - abs(place - (1 + 0.75 * (n - 1))))) AS q3
    FROM ranked
    GROUP BY cohort_id, metric_id, site, age_d
    UNION ALL
    SELECT cohort_id, metric_id, site, age_d, n, mean, sd, q1, median, q3 FROM summary
)
SELECT run.run_id, run.experiment, cohort.cohort, metric.metric, metric.unit, moment.site, moment.age_d,
       moment.age_d / 7.0 AS age_wk, moment.n, moment.mean, moment.sd, moment.sd / sqrt(moment.n) AS sem,
       moment.sd / nullif(abs(moment.mean), 0.0) AS cv, moment.q1, moment.median, moment.q3,
       cohort.cohort_id, cohort.control_id, metric.metric_id
FROM moment
JOIN cohort USING (cohort_id)
JOIN metric USING (metric_id)
JOIN run ON run.run_id = cohort.run_id
;
CREATE VIEW versus_control AS
WITH pair AS (
    SELECT own.*, control.cohort AS control, control.n AS n_control, control.mean AS mean_control, control.sd AS sd_control
    FROM cohort_summary AS own
    JOIN cohort_summary AS control
      ON control.cohort_id = own.control_id AND control.metric_id = own.metric_id AND control.site = own.site
     AND control.age_d = own.age_d
    WHERE own.control_id <> own.cohort_id
)
SELECT run_id, experiment, cohort, control, metric, unit, site, age_d, age_wk, n, n_control, mean, mean_control,
       mean / nullif(mean_control, 0.0) AS ratio, mean - mean_control AS difference,
       -- Hedges' g: difference over the pooled standard deviation, times the small-sample factor 1 - 3/(4 (n + m) - 9)
       (1.0 - 3.0 / (4.0 * (n + n_control) - 9.0)) * (mean - mean_control)
       / nullif(sqrt(((n - 1) * sd * sd + (n_control - 1) * sd_control * sd_control) / (n + n_control - 2)), 0.0)
       AS hedges_g
FROM pair
;
CREATE VIEW failure AS
SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal, animal.failure, animal.parameters_json
FROM animal
JOIN cohort USING (cohort_id)
JOIN run ON run.run_id = cohort.run_id
WHERE animal.status = 'failed';
CREATE VIEW across_models AS
WITH summary AS MATERIALIZED (SELECT * FROM cohort_summary)
SELECT run.run_id, run.experiment, run.model, own.cohort, own.metric, own.unit, own.site, own.age_d, own.age_wk, own.n, own.mean,
       control.mean AS mean_control, own.mean / nullif(control.mean, 0.0) AS ratio, own.mean - control.mean AS difference,
       NULL AS cannot_express
FROM summary AS own
JOIN run USING (run_id)
JOIN metric ON metric.metric_id = own.metric_id AND metric.kind <> 'recorded'
LEFT JOIN summary AS control
  ON control.cohort_id = own.control_id AND control.metric_id = own.metric_id AND control.site = own.site AND control.age_d = own.age_d
UNION ALL
SELECT run.run_id, run.experiment, run.model, unexpressed.cohort, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL,
       unexpressed.reason
FROM unexpressed
JOIN run USING (run_id);
CREATE VIEW steady_start AS
SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal, start.key AS site, start.value ->> 'method' AS method,
       start.value ->> 'steps' AS steps, start.value ->> 'residual' AS residual, start.value ->> 'slowest' AS slowest,
       start.value ->> 'time_constant' AS time_constant
FROM animal
JOIN cohort USING (cohort_id)
JOIN run ON run.run_id = cohort.run_id
JOIN json_each(animal.start_json) AS start;
CREATE TRIGGER animal_deleted AFTER DELETE ON animal BEGIN
DELETE FROM summary WHERE cohort_id = OLD.cohort_id;
UPDATE cohort SET changes = changes + 1 WHERE cohort_id = OLD.cohort_id;
END;
CREATE TRIGGER reading_updated AFTER UPDATE ON reading BEGIN
DELETE FROM summary WHERE cohort_id = (SELECT cohort_id FROM animal WHERE animal_id = OLD.animal_id);
UPDATE cohort SET changes = changes + 1 WHERE cohort_id = (SELECT cohort_id FROM animal WHERE animal_id = OLD.animal_id);
END;
CREATE TRIGGER reading_deleted AFTER DELETE ON reading BEGIN
DELETE FROM summary WHERE cohort_id = (SELECT cohort_id FROM animal WHERE animal_id = OLD.animal_id);
UPDATE cohort SET changes = changes + 1 WHERE cohort_id = (SELECT cohort_id FROM animal WHERE animal_id = OLD.animal_id);
END;
CREATE VIEW measurement AS
SELECT metric.metric_id, animal.animal_id, reading.site, reading.age_d,
 iif(metric.column_number <= 2, iif(metric.column_number <= 1, reading.value_1, reading.value_2), iif(metric.column_number <= 3, reading.value_3, reading.value_4)) AS value,
 iif(metric.column_number <= 2, iif(metric.column_number <= 1, reading.truth_1, reading.truth_2), iif(metric.column_number <= 3, reading.truth_3, reading.truth_4)) AS truth
FROM metric JOIN cohort USING (run_id) JOIN animal USING (cohort_id)
 CROSS JOIN reading ON reading.reading_id BETWEEN animal.animal_id << 20 AND (animal.animal_id << 20) + 1048575
WHERE iif(metric.at_d IS NULL, reading.measured, reading.age_d = metric.at_d);
CREATE VIEW phenotype AS
SELECT run.run_id, run.experiment, cohort.cohort, animal.number AS animal,
 cohort.genotype AS genotype, reading.site, reading.age_d,
 reading.age_d / 7.0 AS age_wk,
 reading.value_1 AS "BV/TV",
 reading.value_2 AS "growing",
 reading.value_3 AS "k_out",
 reading.value_4 AS "X"
FROM run JOIN cohort USING (run_id) JOIN animal USING (cohort_id)
 CROSS JOIN reading ON reading.reading_id BETWEEN animal.animal_id << 20 AND (animal.animal_id << 20) + 1048575;
COMMIT;
