// Markdown of strangers: no HTML, links that say where they lead, nothing loaded from elsewhere.
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";

const MAX_CHARACTERS = 150_000;
const SAFE = /^(https?:|mailto:)/i;
const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,/i;

const COMPONENTS: Components = {
  a: ({ href, children }) =>
    href && SAFE.test(href) ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={`Opens ${href}`} className="text-accent-ink underline">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  img: ({ src, alt }) =>
    typeof src === "string" && PICTURE.test(src) ? (
      <img src={src} alt={alt ?? ""} className="max-h-80 max-w-full rounded" />
    ) : (
      // Loading it would tell its host who looks at this trace.
      <span className="rounded bg-hover px-1 text-soft">[picture not loaded: {alt || String(src)}]</span>
    ),
};

export function Markdown({ text }: { text: string }) {
  if (text.length > MAX_CHARACTERS) return <pre className="font-mono text-[0.92em] whitespace-pre-wrap">{text}</pre>;
  return (
    <div className="prose-safe">
      <ReactMarkdown remarkPlugins={[remarkGfm]} components={COMPONENTS} urlTransform={(url) => (SAFE.test(url) || PICTURE.test(url) ? url : "")}>
        {text}
      </ReactMarkdown>
    </div>
  );
}
