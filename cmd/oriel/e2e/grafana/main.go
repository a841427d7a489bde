// Command grafana does to the server at an address what Terraform's provider
// for Grafana does, by the client library that the provider is made with:
// create, read, update, read again, destroy, and read that it is gone, for
// folders, dashboards, library panels and annotations. It stands in for the
// provider itself, and is a module of its own to keep that library out of
// Oriel's.
package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"

	"github.com/go-openapi/runtime"
	"github.com/grafana/grafana-openapi-client-go/client"
	"github.com/grafana/grafana-openapi-client-go/client/folders"
	"github.com/grafana/grafana-openapi-client-go/client/library_elements"
	"github.com/grafana/grafana-openapi-client-go/client/search"
	"github.com/grafana/grafana-openapi-client-go/models"
)

func main() {
	at, err := url.Parse(os.Args[1])
	if err != nil {
		fail(err)
	}
	c := client.NewHTTPClientWithConfig(nil, &client.TransportConfig{Host: at.Host, BasePath: "/api", Schemes: []string{at.Scheme}})
	for _, step := range []struct {
		name string
		run  func(*client.GrafanaHTTPAPI) error
	}{
		{"health", health},
		{"data sources", sources},
		{"folder", folder},
		{"dashboard", dashboard},
		{"library panel", libraryPanel},
		{"annotation", annotation},
	} {
		if err := step.run(c); err != nil {
			fail(fmt.Errorf("%s: %w", step.name, err))
		}
		fmt.Println(step.name, "ok")
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// is fails where what was read is not what was sent.
func is[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s is %v, not %v", what, got, want)
	}
	return nil
}

// gone is how the provider knows that something was removed elsewhere.
func gone(what string, err error) error {
	var status runtime.ClientResponseStatus
	if err == nil || !errors.As(err, &status) || !status.IsCode(404) {
		return fmt.Errorf("%s after its end: %v, not a 404", what, err)
	}
	return nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func health(c *client.GrafanaHTTPAPI) error {
	h, err := c.Health.GetHealth()
	if err != nil {
		return err
	}
	return is("database", h.Payload.Database, "ok")
}

func sources(c *client.GrafanaHTTPAPI) error {
	named, err := c.Datasources.GetDataSourceByName("Prometheus")
	if err != nil {
		return err
	}
	if err := is("type", named.Payload.Type, "prometheus"); err != nil {
		return err
	}
	made, err := c.Datasources.AddDataSource(&models.AddDataSourceCommand{
		UID: "tf-prom", Name: "Old one", Type: "prometheus", Access: "proxy", URL: "http://127.0.0.1:1", BasicAuth: true, BasicAuthUser: "ann",
		JSONData: map[string]any{"httpMethod": "POST", "httpHeaderName1": "X-Scope-OrgID"}, SecureJSONData: map[string]string{"basicAuthPassword": "hunter2", "httpHeaderValue1": "a"},
	})
	if err != nil {
		return err
	}
	if err := errors.Join(is("name", *made.Payload.Name, "Old one"), is("uid", made.Payload.Datasource.UID, "tf-prom")); err != nil {
		return err
	}
	if _, err := c.Datasources.UpdateDataSourceByUID("tf-prom", &models.UpdateDataSourceCommand{
		UID: "tf-prom", Name: "Older one", Type: "prometheus", Access: "proxy", URL: "http://127.0.0.1:1/prom", JSONData: map[string]any{"httpMethod": "GET"},
	}); err != nil {
		return err
	}
	read, err := c.Datasources.GetDataSourceByUID("tf-prom")
	if err != nil {
		return err
	}
	if err := errors.Join(
		is("name", read.Payload.Name, "Older one"), is("url", read.Payload.URL, "http://127.0.0.1:1/prom"), is("version", read.Payload.Version, 2),
		is("a secret is kept", read.Payload.SecureJSONFields["basicAuthPassword"], true), is("method", read.Payload.JSONData.(map[string]any)["httpMethod"], any("GET")),
	); err != nil {
		return err
	}
	if _, err := c.Datasources.DeleteDataSourceByUID("tf-prom"); err != nil {
		return err
	}
	_, err = c.Datasources.GetDataSourceByUID("tf-prom")
	return gone("data source", err)
}

func folder(c *client.GrafanaHTTPAPI) error {
	for uid, parent := range map[string]string{"tf-shop": "", "tf-bank": ""} {
		made, err := c.Folders.CreateFolder(&models.CreateFolderCommand{UID: uid, Title: "Made " + uid, ParentUID: parent})
		if err != nil {
			return err
		}
		if err := is("uid", made.Payload.UID, uid); err != nil {
			return err
		}
	}
	if _, err := c.Folders.UpdateFolder("tf-shop", &models.UpdateFolderCommand{Title: "Shop", Overwrite: true}); err != nil {
		return err
	}
	if _, err := c.Folders.MoveFolder("tf-shop", &models.MoveFolderCommand{ParentUID: "tf-bank"}); err != nil {
		return err
	}
	read, err := c.Folders.GetFolderByUID("tf-shop")
	if err != nil {
		return err
	}
	if err := errors.Join(is("title", read.Payload.Title, "Shop"), is("parent", read.Payload.ParentUID, "tf-bank")); err != nil {
		return err
	}
	parent := "tf-bank"
	below, err := c.Folders.GetFolders(folders.NewGetFoldersParams().WithParentUID(&parent))
	if err != nil {
		return err
	}
	if err := is("folders below", len(below.Payload), 1); err != nil {
		return err
	}
	for _, uid := range []string{"tf-shop", "tf-bank"} {
		if _, err := c.Folders.DeleteFolder(folders.NewDeleteFolderParams().WithFolderUID(uid)); err != nil {
			return err
		}
		if _, err := c.Folders.GetFolderByUID(uid); gone(uid, err) != nil {
			return gone(uid, err)
		}
	}
	return nil
}

func dashboard(c *client.GrafanaHTTPAPI) error {
	if _, err := c.Folders.CreateFolder(&models.CreateFolderCommand{UID: "tf-boards", Title: "Boards"}); err != nil {
		return err
	}
	for i, title := range []string{"Orders", "Orders of today"} {
		saved, err := c.Dashboards.PostDashboard(&models.SaveDashboardCommand{
			Dashboard: map[string]any{"uid": "tf-orders", "title": title, "schemaVersion": 39, "kept": map[string]any{"as": "it is"}, "tags": []string{"terraform"}},
			FolderUID: "tf-boards", Overwrite: true, Message: "applied",
		})
		if err != nil {
			return err
		}
		if err := errors.Join(is("uid", text(saved.Payload.UID), "tf-orders"), is("version", *saved.Payload.Version, int64(i+1))); err != nil {
			return err
		}
		read, err := c.Dashboards.GetDashboardByUID("tf-orders")
		if err != nil {
			return err
		}
		model := read.Payload.Dashboard.(map[string]any)
		if err := errors.Join(
			is("title", model["title"], any(title)), is("kept", fmt.Sprint(model["kept"]), "map[as:it is]"),
			is("folder", read.Payload.Meta.FolderUID, "tf-boards"), is("id", model["id"], any(float64(*saved.Payload.ID))),
		); err != nil {
			return err
		}
	}
	found, err := c.Search.Search(search.NewSearchParams().WithTag([]string{"terraform"}).WithFolderUIDs([]string{"tf-boards"}))
	if err != nil {
		return err
	}
	if err := is("found", len(found.Payload), 1); err != nil {
		return err
	}
	if _, err := c.Dashboards.DeleteDashboardByUID("tf-orders"); err != nil {
		return err
	}
	if _, err := c.Dashboards.GetDashboardByUID("tf-orders"); gone("dashboard", err) != nil {
		return gone("dashboard", err)
	}
	_, err = c.Folders.DeleteFolder(folders.NewDeleteFolderParams().WithFolderUID("tf-boards"))
	return err
}

func libraryPanel(c *client.GrafanaHTTPAPI) error {
	made, err := c.LibraryElements.CreateLibraryElement(&models.CreateLibraryElementCommand{Name: "CPU", UID: "tf-cpu", Kind: 1, Model: map[string]any{"type": "stat", "title": "CPU", "description": "busy"}})
	if err != nil {
		return err
	}
	if err := errors.Join(is("uid", made.Payload.Result.UID, "tf-cpu"), is("version", made.Payload.Result.Version, 1), is("type", made.Payload.Result.Type, "stat")); err != nil {
		return err
	}
	changed, err := c.LibraryElements.UpdateLibraryElement("tf-cpu", &models.PatchLibraryElementCommand{Name: "Processors", UID: "tf-cpu", Kind: 1, Version: 1, Model: map[string]any{"type": "gauge", "title": "CPU"}})
	if err != nil {
		return err
	}
	read, err := c.LibraryElements.GetLibraryElementByUID("tf-cpu")
	if err != nil {
		return err
	}
	if err := errors.Join(is("version", changed.Payload.Result.Version, 2), is("name", read.Payload.Result.Name, "Processors"), is("type", read.Payload.Result.Type, "gauge")); err != nil {
		return err
	}
	all, err := c.LibraryElements.GetLibraryElements(library_elements.NewGetLibraryElementsParams())
	if err != nil {
		return err
	}
	if err := is("listed", all.Payload.Result.TotalCount, 1); err != nil {
		return err
	}
	// One that is shown cannot be destroyed.
	if _, err := c.Dashboards.PostDashboard(&models.SaveDashboardCommand{Dashboard: map[string]any{
		"uid": "tf-shows", "title": "Shows it", "panels": []any{map[string]any{"id": 1, "libraryPanel": map[string]any{"uid": "tf-cpu", "name": "Processors"}}},
	}}); err != nil {
		return err
	}
	connections, err := c.LibraryElements.GetLibraryElementConnections("tf-cpu")
	if err != nil {
		return err
	}
	if err := is("connections", len(connections.Payload.Result), 1); err != nil {
		return err
	}
	if _, err := c.LibraryElements.DeleteLibraryElementByUID("tf-cpu"); err == nil {
		return errors.New("destroyed while a dashboard shows it")
	}
	if _, err := c.Dashboards.DeleteDashboardByUID("tf-shows"); err != nil {
		return err
	}
	if _, err := c.LibraryElements.DeleteLibraryElementByUID("tf-cpu"); err != nil {
		return err
	}
	_, err = c.LibraryElements.GetLibraryElementByUID("tf-cpu")
	return gone("library panel", err)
}

func annotation(c *client.GrafanaHTTPAPI) error {
	words := "deployed"
	made, err := c.Annotations.PostAnnotation(&models.PostAnnotationsCmd{Text: &words, Tags: []string{"terraform"}, Time: 1700000000000, TimeEnd: 1700000060000})
	if err != nil {
		return err
	}
	id := strconv.FormatInt(*made.Payload.ID, 10)
	if _, err := c.Annotations.UpdateAnnotation(id, &models.UpdateAnnotationsCmd{Text: "deployed again", Tags: []string{"terraform"}, Time: 1700000000000, TimeEnd: 1700000060000}); err != nil {
		return err
	}
	read, err := c.Annotations.GetAnnotationByID(id)
	if err != nil {
		return err
	}
	if err := is("text", read.Payload.Text, "deployed again"); err != nil {
		return err
	}
	if _, err := c.Annotations.DeleteAnnotationByID(id); err != nil {
		return err
	}
	_, err = c.Annotations.GetAnnotationByID(id)
	return gone("annotation", err)
}
