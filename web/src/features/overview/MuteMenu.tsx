import { Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { expireSilence, saveSilence } from "../../api/alertmanager";
import { announce } from "../../components/announce";
import { LazyMenu } from "../../components/LazyMenu";
import { boot } from "../../lib/boot";
import type { Labels } from "../../lib/labels";
import { exactly } from "../../lib/matchers";

const lengths: [hours: number, words: string][] = [
  [1, "1 hour"],
  [4, "4 hours"],
  [24, "a day"],
];

/** Silences exactly one alert for a while; the message that says so takes it back. */
export function MuteMenu({ name, labels }: { name: string; labels: Labels }) {
  const client = useQueryClient();
  const settle = () => Promise.all([client.invalidateQueries({ queryKey: ["silences"] }), client.invalidateQueries({ queryKey: ["notified"] }), client.invalidateQueries({ queryKey: ["alerts"] })]);
  const failed = (error: Error) => announce(`${name} is not muted: ${error.message}`);
  const mute = useMutation({
    mutationFn: ({ hours }: { hours: number; words: string }) => {
      const now = Date.now();
      return saveSilence({
        matchers: exactly(labels),
        startsAt: new Date(now).toISOString(),
        endsAt: new Date(now + hours * 3_600_000).toISOString(),
        createdBy: boot.user || localStorage.getItem("oriel.author") || "the overview",
        comment: "Muted on the overview",
      });
    },
    onSuccess: (id, { words }) => {
      announce(`${name} is muted for ${words}.`, () => void expireSilence(id).then(settle, failed));
      return settle();
    },
    onError: failed,
  });
  return (
    <LazyMenu
      position="bottom-start"
      target={
        <Button size="compact-xs" variant="subtle" aria-label={`Mute ${name}`} disabled={mute.isPending}>
          Mute
        </Button>
      }
    >
      {lengths.map(([hours, words]) => (
        <Menu.Item key={hours} onClick={() => mute.mutate({ hours, words })}>
          For {words}
        </Menu.Item>
      ))}
    </LazyMenu>
  );
}
