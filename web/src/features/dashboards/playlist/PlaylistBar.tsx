import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";

import { listPlaylists } from "../../../api/shares";
import { durationMs } from "../../../lib/dashboard/duration";
import type { RawSearch } from "../../../lib/urlState";
import classes from "../dashboard.module.css";

const shortest = 1000;

/** While a playlist runs (`playlist=uid` in the URL): goes on to its next dashboard in time, or by hand. */
export function PlaylistBar({ uid }: { uid: string }) {
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const running = typeof search.playlist === "string" ? search.playlist : "";
  const lists = useQuery({ queryKey: ["playlists"], queryFn: ({ signal }) => listPlaylists(signal), enabled: running !== "", staleTime: Infinity });
  const playlist = lists.data?.find((one) => one.uid === running);
  const items = playlist?.items;
  const step = useCallback(
    (by: 1 | -1) => {
      if (!items || items.length === 0) return;
      const next = items[(items.indexOf(uid) + by + items.length) % items.length] ?? uid;
      // What belongs to the dashboard before stays behind: its variables, its range.
      void navigate({ to: "/d/$uid", params: { uid: next }, search: (before: RawSearch) => ({ playlist: running, kiosk: before.kiosk ?? "off" }) });
    },
    [items, uid, navigate, running],
  );
  const interval = playlist ? (durationMs(playlist.interval) ?? 60_000) : 0;
  useEffect(() => {
    if (interval === 0) return undefined;
    const timer = setTimeout(() => step(1), Math.max(shortest, interval));
    return () => clearTimeout(timer);
  }, [interval, step]);

  if (!playlist) return null;
  return (
    <div className={classes.playlist} role="toolbar" aria-label={`Playlist ${playlist.name}`}>
      <span>
        {playlist.name}: {playlist.items.indexOf(uid) + 1} of {playlist.items.length}
      </span>
      <Button variant="default" size="compact-sm" onClick={() => step(-1)}>
        Previous
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => step(1)}>
        Next
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => void navigate({ to: ".", search: ({ playlist: _, kiosk: __, ...rest }: RawSearch) => rest })}>
        Stop
      </Button>
    </div>
  );
}
