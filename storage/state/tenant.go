package state

import (
	"context"
	"database/sql"

	"github.com/oriel-obs/oriel/internal/auth"
)

// owner returns whose it is what ctx makes or changes: "" is the default
// tenant's, and everybody's while tenants are off.
func owner(ctx context.Context) string { return auth.From(ctx).Tenant() }

// owners returns those whose things ctx may read, for
// tenant IN (SELECT value FROM json_each(?)): one, or those that a query across
// tenants is about.
func owners(ctx context.Context) string {
	if id := auth.From(ctx); id != nil && id.Tenants != nil {
		return packList(id.Tenants)
	}
	return packList([]string{""})
}

// owned is the condition that owners is for.
const owned = `tenant IN (SELECT value FROM json_each(?))`

// alerted returns the tenants whose alerts ctx may know of, for addOwners, nil
// for all: nobody asks in particular, or tenants are off.
func alerted(ctx context.Context) []string {
	if id := auth.From(ctx); id != nil {
		return id.Tenants
	}
	return nil
}

// addOwners adds the condition that a column has one of tenants; nil is none.
func (c *conditions) addOwners(column string, tenants []string) {
	if tenants == nil {
		return
	}
	c.texts, c.args = append(c.texts, column+` IN (SELECT value FROM json_each(?))`), append(c.args, packList(tenants))
}

// ofTenants are the tables whose rows belong to a tenant, in an order in which
// they can be emptied.
var ofTenants = []string{"stars", "annotations", "dashboards", "library_elements", "folders", "snapshots", "playlists", "shortlinks", "queries", "correlations", "notifications", "alert_changes"}

// Tenants returns the names of those that something here belongs to, besides
// the default one.
func (db *DB) Tenants(ctx context.Context) ([]string, error) {
	query := `SELECT tenant FROM tokens`
	for _, table := range ofTenants {
		query += ` UNION SELECT tenant FROM ` + table
	}
	return list(ctx, db.sql, func(r interface{ Scan(...any) error }) (name string, err error) {
		return name, r.Scan(&name)
	}, `SELECT tenant FROM (`+query+`) WHERE tenant <> '' ORDER BY tenant`)
}

// CountTenant returns how many dashboards a tenant has, and how many rows of
// everything that DeleteTenant removes.
func (db *DB) CountTenant(ctx context.Context, name string) (dashboards, rows int64, err error) {
	err = db.read(ctx, func(tx *sql.Tx) error {
		for _, table := range ofTenants {
			var n int64
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM `+table+` WHERE tenant = ?`, name).Scan(&n); err != nil {
				return err
			}
			if rows += n; table == "dashboards" {
				dashboards = n
			}
		}
		return nil
	})
	return dashboards, rows, err
}

// DeleteTenant removes what belongs to a tenant, but for its tokens: dashboards
// with their versions, library panels, folders, annotations, snapshots, playlists, short links, queries, correlation rules,
// and what happened to its alerts and who was told.
func (db *DB) DeleteTenant(ctx context.Context, name string) error {
	return db.write(ctx, func(tx *sql.Tx) error {
		if err := deferKeys(ctx, tx); err != nil {
			return err
		}
		const acks = `DELETE FROM acknowledgements WHERE fingerprint IN (SELECT fingerprint FROM alert_changes WHERE tenant = ?)`
		if _, err := tx.ExecContext(ctx, acks, name); err != nil {
			return err
		}
		const states = `DELETE FROM alert_states WHERE coalesce(json_extract(labels, '$.` + auth.TenantLabel + `'), '') = ?`
		if _, err := tx.ExecContext(ctx, states, name); err != nil {
			return err
		}
		const told = `DELETE FROM told WHERE (receiver, integration, idx, group_key) IN (SELECT receiver, integration, idx, group_key FROM notifications WHERE tenant = ?)`
		if _, err := tx.ExecContext(ctx, told, name); err != nil {
			return err
		}
		for _, table := range ofTenants {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE tenant = ?`, name); err != nil {
				return err
			}
		}
		return nil
	})
}
