BEGIN TRANSACTION;
CREATE TABLE layouts (id INTEGER PRIMARY KEY, entries TEXT NOT NULL UNIQUE);
INSERT INTO "layouts" VALUES(1,'[["update", "<i8", []], ["epoch", "<i8", []], ["clipping", "<f8", []], ["learning_rate", "<f8", []], ["tokens", "<i8", []], ["seconds", "<f8", []], ["due", "|b1", [2]], ["losses", "<f8", [2]], ["loss_weights", "<f8", [2]], ["weights", "<f8", [2]], ["coefficients", "<f8", [2, 2]], ["gram", "<f8", [2, 2]], ["order", "<i8", [2, 1]], ["random directions/coordinates", "<f8", [2, 2]], ["random directions/share", "<f8", [2]]]');
INSERT INTO "layouts" VALUES(2,'[["update", "<i8", []], ["epoch", "<i8", []], ["clipping", "<f8", []], ["learning_rate", "<f8", []], ["tokens", "<i8", []], ["seconds", "<f8", []], ["due", "|b1", [2]], ["losses", "<f8", [2]], ["loss_weights", "<f8", [2]], ["weights", "<f8", [2]], ["random directions/coordinates", "<f8", [2, 2]], ["random directions/share", "<f8", [2]]]');
CREATE TABLE records (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        kind TEXT NOT NULL,
        updates INTEGER NOT NULL,
        layout INTEGER REFERENCES layouts (id),
        body BLOB NOT NULL,
        PRIMARY KEY (run, sequence)
    );
INSERT INTO "records" VALUES(1,0,'step',0,1,X'00000000000000000000000000000000000000000000F03FFCA9F1D24D62503F4000000000000000FCA9F1D24D62503F0100B61D306E8F69E33F000000000000F87F000000000000F03F000000000000F03F000000000000F03F000000000000F03F000000000000F03F00000000000000000000000000000000000000000000F03F9906C265AE60DC3F6542E0729931D43F6542E0729931D43F67E0EF43C46FDB3F01000000000000000000000000000000A3BC69BC7C4EEE3F28AFDAC1FF84E6BFBBC89C952A3FF4BFFBF42049DDF1E3BF00D277150D6F663FDE9CEC17DB6FEB3F');
INSERT INTO "records" VALUES(1,1,'step',1,2,X'01000000000000000000000000000000000000000000F03FFCA9F1D24D62503F4000000000000000FCA9F1D24D62503F010182B5507CBD78EC3F3BC61F2D13D4E13F000000000000F03F000000000000F03F000000000000F03F000000000000F03FED5DD74DC828EABF0D17D6423472F0BF71F8A1A4F761E2BFA4F5D16CBF89FF3FC80628EDC135E93F0080D6406A33343F');
INSERT INTO "records" VALUES(1,2,'step',2,1,X'02000000000000000000000000000000000000000000F03FFCA9F1D24D62503F4000000000000000FCA9F1D24D62503F010198FEF403A44BBE3F66F2BC1CE11DD83F000000000000F03F000000000000F03F000000000000F03F000000000000F03F000000000000F03F00000000000000000000000000000000000000000000F03FDD8DB7200CD9F73F78A0C3DE786EF53F78A0C3DE786EF53F7F1EEEFDACA50B4001000000000000000000000000000000090E846CC509C73F57905D7669AEF4BFBFF7257A2AB8E63FFB838DCE1C62DABF34545357DB8AE53F48A14C3302C6B23F');
INSERT INTO "records" VALUES(1,3,'evaluation',3,NULL,'{"kind": "evaluation", "update": 3, "epoch": 0, "scores": [0.75, 0.75], "errors": [0.01, 0.01], "losses": [0.25, 0.25], "metrics": [{"accuracy": 0.75, "f1": null}, {"accuracy": 0.75, "f1": null}], "baselines": [0.5, null], "best": true, "seconds": 0.0}');
INSERT INTO "records" VALUES(1,4,'note',0,NULL,'{"kind": "note", "update": 0, "topic": "leakage", "text": "Nothing leaks."}');
CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        config TEXT NOT NULL,
        directory TEXT,
        status TEXT NOT NULL CHECK (status IN ('queued', 'starting', 'running', 'finished',
                                               'stopped', 'interrupted', 'failed')),
        created REAL NOT NULL,
        started REAL,
        finished REAL,
        heartbeat REAL,
        machine TEXT,
        pid INTEGER,
        process_start INTEGER,
        claim TEXT,
        slot INTEGER,
        place INTEGER,
        edition INTEGER NOT NULL DEFAULT 0,
        stop_requested INTEGER NOT NULL DEFAULT 0,
        updates INTEGER NOT NULL DEFAULT 0,
        planned INTEGER,
        metrics TEXT,
        error TEXT,
        result TEXT
    );
INSERT INTO "runs" VALUES(1,'stand-in','{
  "version": 1,
  "name": "stand-in",
  "seed": 0,
  "data": {
    "tasks": [
      {
        "name": "first",
        "source": "synthetic",
        "path": "",
        "options": {
          "updates": 40,
          "delay": 0.0
        },
        "train_examples": null,
        "examples_per_epoch": null,
        "dev_examples": null,
        "label_noise": 0.0,
        "head": {
          "layers": 1,
          "width": 128,
          "dropout": 0.1,
          "pair": "joint",
          "fusion": "concat"
        }
      },
      {
        "name": "second",
        "source": "synthetic",
        "path": "",
        "options": {},
        "train_examples": null,
        "examples_per_epoch": null,
        "dev_examples": null,
        "label_noise": 0.0,
        "head": {
          "layers": 1,
          "width": 128,
          "dropout": 0.1,
          "pair": "joint",
          "fusion": "concat"
        }
      }
    ],
    "batch_size": 16,
    "max_length": 128,
    "drop_leaked": false
  },
  "capacity": {
    "encoder": "mean",
    "width": 100,
    "depth": 1,
    "attention_heads": 4,
    "dropout": 0.1,
    "vectors": "random",
    "vector_width": 100,
    "train_vectors": true,
    "checkpoint": "",
    "pooling": "mean",
    "frozen_layers": 0,
    "frozen": false,
    "sharing": "hard",
    "sharing_options": {}
  },
  "optimisation": {
    "scheduler": "joint",
    "scheduler_options": {},
    "combiner": "sum",
    "combiner_options": {},
    "match_sum_norm": false,
    "weighting": "equal",
    "weighting_options": {},
    "epochs": 3,
    "max_updates": null,
    "learning_rate": 0.001,
    "head_learning_rate": null,
    "weight_decay": 0.01,
    "warmup": 0.1,
    "decay": "linear",
    "clip_norm": 1.0,
    "accumulate": 1,
    "precision": "float32",
    "gradient_checkpointing": false,
    "patience": null
  },
  "probes": {
    "gram_every": 1,
    "planes_every": 1,
    "embeddings_every": 0,
    "embeddings_examples": 100,
    "affinity_every": 0,
    "evaluate_every": null
  },
  "device": "auto"
}',NULL,'finished',1800000000.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,0,0,3,3,'["accuracy", "accuracy"]',NULL,NULL);
INSERT INTO "runs" VALUES(2,'stand-in','{
  "version": 1,
  "name": "stand-in",
  "seed": 0,
  "data": {
    "tasks": [
      {
        "name": "first",
        "source": "synthetic",
        "path": "",
        "options": {
          "updates": 40,
          "delay": 0.0
        },
        "train_examples": null,
        "examples_per_epoch": null,
        "dev_examples": null,
        "label_noise": 0.0,
        "head": {
          "layers": 1,
          "width": 128,
          "dropout": 0.1,
          "pair": "joint",
          "fusion": "concat"
        }
      },
      {
        "name": "second",
        "source": "synthetic",
        "path": "",
        "options": {},
        "train_examples": null,
        "examples_per_epoch": null,
        "dev_examples": null,
        "label_noise": 0.0,
        "head": {
          "layers": 1,
          "width": 128,
          "dropout": 0.1,
          "pair": "joint",
          "fusion": "concat"
        }
      }
    ],
    "batch_size": 16,
    "max_length": 128,
    "drop_leaked": false
  },
  "capacity": {
    "encoder": "mean",
    "width": 100,
    "depth": 1,
    "attention_heads": 4,
    "dropout": 0.1,
    "vectors": "random",
    "vector_width": 100,
    "train_vectors": true,
    "checkpoint": "",
    "pooling": "mean",
    "frozen_layers": 0,
    "frozen": false,
    "sharing": "hard",
    "sharing_options": {}
  },
  "optimisation": {
    "scheduler": "joint",
    "scheduler_options": {},
    "combiner": "sum",
    "combiner_options": {},
    "match_sum_norm": false,
    "weighting": "equal",
    "weighting_options": {},
    "epochs": 3,
    "max_updates": null,
    "learning_rate": 0.001,
    "head_learning_rate": null,
    "weight_decay": 0.01,
    "warmup": 0.1,
    "decay": "linear",
    "clip_norm": 1.0,
    "accumulate": 1,
    "precision": "float32",
    "gradient_checkpointing": false,
    "patience": null
  },
  "probes": {
    "gram_every": 1,
    "planes_every": 1,
    "embeddings_every": 0,
    "embeddings_examples": 100,
    "affinity_every": 0,
    "evaluate_every": null
  },
  "device": "auto"
}',NULL,'queued',1800000000.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,0,0,0,NULL,NULL,NULL,NULL);
CREATE INDEX runs_by_status ON runs (status, place);
CREATE INDEX records_by_kind ON records (run, kind, updates, sequence);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',2);
COMMIT;
PRAGMA application_id = 1297370198;
PRAGMA user_version = 1;
