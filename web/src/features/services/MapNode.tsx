import { Link } from "@tanstack/react-router";
import type { ReactNode, Ref } from "react";

import { CorrelateMenu } from "../../components/correlate/CorrelateMenu";
import { servicePlace } from "../../lib/links";
import { overflow, overflowHint } from "../../lib/service";
import type { Point } from "../../lib/serviceMap";
import { rightToLeft, shorten } from "../../lib/shorten";
import { counted, formatValue } from "../../lib/units";
import { shareToken, typeName, type Station } from "./graph";
import { stationText, stationTitle } from "./mapText";
import classes from "./ServiceMap.module.css";

/** Half the size of a node's box. */
export const half = { x: 80, y: 20 };
// The radius of the ring in it.
const ring = 11;
// Longer names are cut; the whole one is in the node's text.
const nameLength = 17;

interface MapNodeProps {
  station: Station;
  at: Point;
  dim: boolean;
  /** It is what was searched for. */
  found: boolean;
  onFocus(on: boolean): void;
  /** Draws the map around it. */
  onCentre(): void;
  /** Shows the services of the namespace that it stands for. */
  onOpen(): void;
}

/** A node: a link to its service, or a namespace that opens. */
export function MapNode({ station, at, dim, found, onFocus, onCentre, onOpen }: MapNodeProps) {
  const { name, type, rate, errorRatio, namespace } = station;
  const token = shareToken(errorRatio);
  const title = stationTitle(station);
  const focus = { onMouseEnter: () => onFocus(true), onMouseLeave: () => onFocus(false), onFocus: () => onFocus(true), onBlur: () => onFocus(false) };
  // Assistive technology is told by the label of what stands around this.
  const inside = (
    <g aria-hidden="true">
      {!namespace && <title>{stationText(station)}</title>}
      {namespace && <rect className={classes.box} x={-half.x + 4} y={-half.y + 4} width={2 * half.x} height={2 * half.y} rx={6} />}
      <rect className={classes.box} data-type={type} x={-half.x} y={-half.y} width={2 * half.x} height={2 * half.y} rx={type === "service" ? 6 : 20} />
      <Ring share={errorRatio ?? 0} />
      {/* Cut where the box ends: some letters are wide. */}
      <svg x={-half.x + 36} y={-half.y} width={2 * half.x - 40} height={half.y}>
        <text className={classes.name} y={half.y - 3} {...(rightToLeft(title) ? { direction: "rtl", x: 2 * half.x - 44 } : {})}>
          {shorten(title, nameLength)}
        </text>
      </svg>{" "}
      <text className={classes.numbers} x={-half.x + 36} y={12}>
        {namespace ? counted(namespace.size, "service") : rate === null ? typeName(type) : formatValue(rate, "/s")}
        {errorRatio !== null && errorRatio > 0 && " "}
        {errorRatio !== null && errorRatio > 0 && (
          <tspan className={classes.failed} data-share={token} dx="3">
            {formatValue(errorRatio, "percentunit")}
          </tspan>
        )}
      </text>
    </g>
  );
  return (
    <g transform={`translate(${at.x} ${at.y})`} className={classes.node} data-dim={dim || undefined} data-found={found || undefined} data-node={name}>
      {namespace ? (
        <Press label={`${stationText(station)}. Show its services`} onPress={onOpen} {...focus}>
          {inside}
        </Press>
      ) : type === "service" && name !== overflow ? (
        <Link {...servicePlace(name)} aria-label={stationText(station)} draggable={false} {...focus}>
          {inside}
        </Link>
      ) : (
        <g role="img" aria-label={stationText(station)} {...focus}>
          {name === overflow && <title>{overflowHint}</title>}
          {inside}
        </g>
      )}
      {!namespace && (
        // For the pointer alone: the keyboard has the choice above the map.
        <g className={classes.centre} transform={`translate(${half.x - 10} ${-half.y + 10})`} aria-hidden="true" onClick={onCentre}>
          <title>{`Only around ${title}`}</title>
          <circle r="8" />
          <path d="M-4 0h8M0 -4v8" />
        </g>
      )}
      {!namespace && type === "service" && name !== overflow && (
        <CorrelateMenu label={`More about ${title}`} subject={() => ({ kind: "service", labels: { service_name: name } })} button={<Handle label={`More about ${title}`} />} />
      )}
    </g>
  );
}

interface HandleProps {
  label: string;
  ref?: Ref<HTMLButtonElement>;
  onClick?: () => void;
}

/** A node's corner that opens its menu. */
function Handle({ label, ref, onClick, ...rest }: HandleProps) {
  return (
    <g
      {...rest}
      ref={ref as unknown as Ref<SVGGElement>}
      role="button"
      tabIndex={0}
      aria-label={label}
      className={classes.centre}
      transform={`translate(${half.x - 10} ${half.y - 10})`}
      onClick={onClick}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onClick?.();
      }}
    >
      <title>{label}</title>
      <circle r="8" />
      <path d="M-4 -2.5h8M-4 0h8M-4 2.5h8" />
    </g>
  );
}

interface PressProps {
  label: string;
  onPress(): void;
  children: ReactNode;
}

/** A part of the picture that works as a button. */
function Press({ label, onPress, children, ...rest }: PressProps) {
  return (
    <g
      {...rest}
      role="button"
      tabIndex={0}
      aria-label={label}
      className={classes.press}
      onClick={onPress}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onPress();
      }}
    >
      <title>{label}</title>
      {children}
    </g>
  );
}

/** A circle with the failed share as an arc from the top. */
function Ring({ share }: { share: number }) {
  const around = 2 * Math.PI * ring;
  return (
    <g transform={`translate(${-half.x + 18} 0) rotate(-90)`}>
      <circle className={classes.ring} r={ring} />
      {share > 0 && <circle className={classes.arc} r={ring} strokeDasharray={`${Math.max(share, 0.02) * around} ${around}`} />}
    </g>
  );
}
