// What a trace sums up to, above it.
import { CircleAlert } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { Ago, Button, Tag } from "../../components/basics";
import { cost, count, duration, shortCount } from "../../components/format";
import type { Trace } from "./queries";
import { lengthOf } from "./tree";

type Skeleton = Trace["skeleton"];

export function ErrorCount({ skeleton, onClick }: { skeleton: Skeleton; onClick: () => void }) {
  const errors = useMemo(() => {
    const error = skeleton.words.indexOf("ERROR");
    return skeleton.level.filter((level) => level === error).length;
  }, [skeleton]);
  if (errors === 0) return null;
  return (
    <Button look="quiet" onClick={onClick} className="h-7 !bg-error-wash px-1.5 text-2xs !text-error" title="Go to the next error (E)">
      <CircleAlert aria-hidden className="size-3" />
      {errors} {errors === 1 ? "error" : "errors"}
    </Button>
  );
}

export function Figures({ time, skeleton }: { time: string; skeleton: Skeleton }) {
  const { tokensIn, tokensOut, usd } = useMemo(() => {
    const sum = (list: readonly (number | null)[]) => list.reduce<number>((total, value) => total + (value ?? 0), 0);
    const hasCost = skeleton.costUsd.some((value) => value !== null);
    return { tokensIn: sum(skeleton.inputTokens), tokensOut: sum(skeleton.outputTokens), usd: hasCost ? sum(skeleton.costUsd) : null };
  }, [skeleton]);
  return (
    <>
      <Fact name="Started">
        <Ago time={time} />
      </Fact>
      <Fact name="Latency">{duration(lengthOf(skeleton) / 1e6)}</Fact>
      <Fact name="Observations">{count(skeleton.ids.length)}</Fact>
      {tokensIn + tokensOut > 0 && (
        <Fact name="Tokens">
          {shortCount(tokensIn)} in, {shortCount(tokensOut)} out
        </Fact>
      )}
      {usd !== null && <Fact name="Cost">{cost(usd)}</Fact>}
    </>
  );
}

export function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <Fact name="Tags">
      <span className="inline-flex flex-wrap gap-1">
        {tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
      </span>
    </Fact>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline gap-1.5">
      <dt className="text-2xs">{name}</dt>
      <dd className="text-ink">{children}</dd>
    </div>
  );
}
