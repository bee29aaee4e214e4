import type { IncomingMessage } from 'node:http';

/** What an API server has to say about a request beside its answer: that it uses something deprecated, for example. */
export interface ApiWarning {
  text: string;
  /** Method and path of the request. */
  request: string;
}

/** Code of a warning that concerns the request and not the way that the answer took. */
const ABOUT_REQUEST = '299';
/** A code, who warns, and a text in quotation marks: https://www.rfc-editor.org/rfc/rfc7234#section-5.5 */
const warningValue = /(\d{3}) \S+ "((?:[^"\\]|\\.)*)"/g;

/** The texts of an answer's headers `Warning`: https://kubernetes.io/blog/2020/09/03/warnings/ */
export function readWarnings({ headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>): string[] {
  return (headersDistinct.warning ?? []).flatMap((header) =>
    [...header.matchAll(warningValue)]
      .filter(([, code]) => code === ABOUT_REQUEST)
      .map(([, , text = '']) => text.replace(/\\(.)/g, '$1')),
  );
}
