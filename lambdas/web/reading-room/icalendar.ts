/** A calendar as RFC 5545 writes it. */

export type CalendarEvent = {
  /** Stays the event's own, in this calendar and elsewhere. */
  readonly uid: string
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  /** It does not take place. */
  readonly isCancelled: boolean
  readonly summary: string
  readonly description: string
  /** Absolute address. */
  readonly url: string
}

export type Calendar = {
  readonly product: string
  readonly name: string
  /** When it was written. Milliseconds since 1970 UTC. */
  readonly stamp: number
  readonly events: readonly CalendarEvent[]
}

export const calendarText = ({ product, name, stamp, events }: Calendar): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:${textOf(product)}`,
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    // RFC 7986; the older name is what most programs read.
    `NAME:${textOf(name)}`,
    `X-WR-CALNAME:${textOf(name)}`,
    ...events.flatMap(({ uid, at, isCancelled, summary, description, url }) => [
      'BEGIN:VEVENT',
      `UID:${textOf(uid)}`,
      `DTSTAMP:${utc(stamp)}`,
      `DTSTART:${utc(at)}`,
      `SUMMARY:${textOf(summary)}`,
      ...(isCancelled ? ['STATUS:CANCELLED'] : []),
      `DESCRIPTION:${textOf(description)}`,
      `URL:${url.replace(/[\r\n]/g, '')}`,
      // A report that leaves keeps nobody busy.
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
    '',
  ]
    .map(folded)
    .join('\r\n')

/** `20240527T043000Z` */
const utc = (instant: number): string => new Date(instant).toISOString().replace(/[-:]|\.\d+/g, '')

/** What a TEXT may not hold as it is. */
const textOf = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    // oxlint-disable-next-line no-control-regex -- these are what has no place in a calendar
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f]|\p{Cs}/gu, '\ufffd')
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\n/g, '\\n')

/** Octets of a line, without its end. */
const maxOctets = 75

/** A longer line goes on in the next one, after a space; no character is halved. */
const folded = (line: string): string => {
  const lines: string[] = []
  let open = ''
  let octets = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (octets + size > maxOctets) {
      lines.push(open)
      open = ' '
      octets = 1
    }
    open += character
    octets += size
  }
  return [...lines, open].join('\r\n')
}
