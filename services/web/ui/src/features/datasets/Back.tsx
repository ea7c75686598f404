// The way back to the list a page was opened from.
import { Link, type LinkProps } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";

export function Back({ name, ...to }: { name: string } & Pick<LinkProps, "to" | "params">) {
  return (
    <Link {...(to as LinkProps)} className="inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 text-soft hover:bg-hover hover:text-ink">
      <ArrowLeft aria-hidden className="size-4" /> {name}
    </Link>
  );
}
