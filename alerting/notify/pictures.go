package notify

import (
	"maps"
	"slices"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/notify/pagerduty"
)

// withPictures returns rc with the evidence in what receivers have for pictures
// and links, where the configuration leaves that open.
func withPictures(rc amconfig.Receiver) amconfig.Receiver {
	rc.SlackConfigs = slices.Clone(rc.SlackConfigs)
	for i, c := range rc.SlackConfigs {
		if c.ImageURL == "" {
			own := *c
			own.ImageURL = `{{ template "oriel.picture" . }}`
			rc.SlackConfigs[i] = &own
		}
	}
	rc.PagerdutyConfigs = slices.Clone(rc.PagerdutyConfigs)
	for i, c := range rc.PagerdutyConfigs {
		own := *c
		own.Details = maps.Clone(c.Details)
		if _, ok := own.Details["evidence"]; !ok && own.Details != nil {
			own.Details["evidence"] = `{{ evidence . | toJson }}`
		}
		if len(own.Images) == 0 {
			own.Images = []pagerduty.PagerdutyImage{{
				Src: `{{ template "oriel.picture" . }}`, Alt: "The series and its threshold", Href: `{{ template "oriel.page" . }}`,
			}}
		}
		if len(own.Links) == 0 {
			own.Links = []pagerduty.PagerdutyLink{{Href: `{{ template "oriel.page" . }}`, Text: "Evidence"}}
		}
		rc.PagerdutyConfigs[i] = &own
	}
	return rc
}
