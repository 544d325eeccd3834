/** Links of Markdown pages, as GitHub follows them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FENCED = /^```[\s\S]*?^```/gm;

/** The links of a page, without those in code and to other hosts. */
export function linksOf(text: string): string[] {
  return [...text.replace(FENCED, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^https?:/.test(target));
}

/** The anchors of the headings of a page. */
function anchorsOf(text: string): string[] {
  return [...text.replace(FENCED, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** `page: link` for every link of a page to a file or a heading that is not there. */
export function brokenLinks(page: string): string[] {
  return linksOf(readFileSync(page, 'utf8'))
    .filter((target) => {
      const [path, anchor] = target.split('#') as [string, string?];
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
    })
    .map((target) => `${page}: ${target}`);
}
