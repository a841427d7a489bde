package state

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/oriel-obs/oriel/internal/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// fileName is the database's name in its folder; SQLite keeps its log beside it.
const fileName = "state.db"

// connections bounds the readers at work at once. SQLite has one writer.
const connections = 4

// A DB is the state database. Its methods may be called from any goroutine;
// what they return is the caller's.
type DB struct {
	sql *sql.DB
	now func() time.Time
}

// Open opens the database in dir, which it creates if absent with access for
// its owner alone, and brings its schema up to date. A database that a newer
// Oriel has written, or that is damaged, is refused with a line that says so;
// nothing is changed then.
func Open(ctx context.Context, dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fileName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	// A transaction takes the write lock when it begins, so that two that read
	// before they write wait for each other instead of failing half-way. What a
	// commit acknowledged survives a power cut: synchronous is FULL.
	dsn := (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}.Encode()}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	if err := prepare(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	return &DB{sql: db, now: time.Now}, nil
}

func prepare(ctx context.Context, db *sql.DB) error {
	var health string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&health); err != nil {
		return fmt.Errorf("not a state database, or damaged; restore it from a backup or move it away to start empty: %w", err)
	}
	if health != "ok" {
		return fmt.Errorf("damaged (%s); restore it from a backup or move it away to start empty", health)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	have, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > newest {
		return fmt.Errorf("its schema has version %d, this Oriel knows %d: it was written by a newer one; run that, or restore an older backup", have, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", err)
	}
	return nil
}

// Close ends all use. Nothing may be called afterwards.
func (db *DB) Close() error { return db.sql.Close() }

// write runs f in a transaction, which is undone if f returns an error.
func (db *DB) write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// read runs f on one state of the database.
func (db *DB) read(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := db.sql.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(f(tx), ignoreDone(tx.Rollback()))
}

// ignoreDone forgives that a cancelled context has ended the transaction before.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// found names what a query for one row did not find; other errors pass.
func found(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf(format+": %w", append(args, fault.ErrNotFound)...)
	}
	return err
}
