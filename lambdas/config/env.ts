/** The names of the environment variables that the functions read: the one file that lib/ shares with lambdas/. */
import * as z from 'zod'
import { markings } from '../domain/core/marking.ts'

/** Which variables each function gets: the stack sets them, the function reads them once. */
export const variables = {
  ingest: ['STAGE', 'TABLE_NAME', 'DROP_BUCKET', 'INGEST_QUEUE_URL', 'DEAD_LETTERS_URL', 'PSEUDONYM_SECRET'],
  detect: ['STAGE', 'TABLE_NAME', 'DROP_BUCKET', 'PSEUDONYM_SECRET'],
  generate: [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'PLATES_BUCKET',
    'SIGNING_KEY',
    'REPORT_QUEUE_URL',
    'DELIVERY_QUEUE_URL',
    'DEAD_LETTERS_URL',
  ],
  plates: ['STAGE', 'TABLE_NAME', 'PLATES_BUCKET'],
  expire: ['STAGE', 'TABLE_NAME', 'PLATES_BUCKET'],
  deliver: [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'DELIVERY_QUEUE_URL',
    'DEAD_LETTERS_URL',
    'MAIL_FROM',
    'MAIL_CONFIGURATION_SET',
    'SITE',
    'DUE',
  ],
  'mail-links': ['STAGE', 'TABLE_NAME', 'ARCHIVE_BUCKET', 'MAIL_FROM', 'MAIL_CONFIGURATION_SET'],
  api: [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'DROP_BUCKET',
    'PLATES_BUCKET',
    'REPORT_QUEUE_URL',
    'PSEUDONYM_SECRET',
    'SIGNING_KEY',
    'IAM_CLEARANCE',
  ],
  'reading-room': [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'PLATES_BUCKET',
    'SIGNING_KEY',
    'REPORT_QUEUE_URL',
    'DELIVERY_QUEUE_URL',
    'DUE',
    'PSEUDONYM_SECRET',
  ],
  'sign-in': ['STAGE', 'SITE', 'SESSION_SECRET', 'ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'SIGN_OUT_URL'],
  authorizer: ['STAGE', 'SESSION_SECRET'],
  'mail-events': ['STAGE', 'TABLE_NAME', 'FEEDBACK_QUEUE_URL', 'DEAD_LETTERS_URL'],
  watchdog: ['STAGE', 'TABLE_NAME', 'DUE', 'DEAD_LETTERS_URLS'],
} as const satisfies Readonly<Record<string, readonly Variable[]>>

const name = z.string().min(3)

const named = z.object({
  STAGE: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/),
  TABLE_NAME: name,
  ARCHIVE_BUCKET: name,
  DROP_BUCKET: name,
  /** Of evidence plates. */
  PLATES_BUCKET: name,
  INGEST_QUEUE_URL: z.url(),
  REPORT_QUEUE_URL: z.url(),
  DELIVERY_QUEUE_URL: z.url(),
  FEEDBACK_QUEUE_URL: z.url(),
  /** The verified sender of mails, and the set whose events tell what became of them. */
  MAIL_FROM: z.email(),
  MAIL_CONFIGURATION_SET: name,
  /** Where the pages are, without a slash at the end. */
  SITE: z.url().regex(/[^/]$/),
  /** Of the function's own queue: where it puts what cannot be done, with the cause. */
  DEAD_LETTERS_URL: z.url(),
  /** Of every queue of dead letters. */
  DEAD_LETTERS_URLS: z
    .string()
    .transform((text) => text.split(' '))
    .pipe(z.array(z.url())),
  /** Holds the key for pseudonyms of accounts. */
  PSEUDONYM_SECRET: name,
  /** In KMS; it signs manifests, and its public half is shown. */
  SIGNING_KEY: name,
  /** Holds the key that seals sessions. */
  SESSION_SECRET: name,
  /** Who says who a reader is, and as what this stage is known to it. */
  ISSUER: z.url(),
  CLIENT_ID: z.string().min(1),
  /** Holds the client's secret; `none` where it has none. */
  CLIENT_SECRET: name,
  /** Where readers end their session with the issuer; `none` where that is not known. */
  SIGN_OUT_URL: z.union([z.url(), z.literal('none')]),
  /** Up to which marking roles of the account may read. */
  IAM_CLEARANCE: z.enum(markings),
  /** Which reports are due: `NC,PF week,month`. */
  DUE: z.string().regex(/^[A-Z,]+ [a-z,]+$/),
})

type Variable = keyof z.infer<typeof named>

export type FunctionName = keyof typeof variables

/** Every function knows its stage. */
export type Config<Name extends FunctionName> = Pick<z.infer<typeof named>, 'STAGE'> &
  Pick<z.infer<typeof named>, (typeof variables)[Name][number]>

/** A message that failed so often is given up: the queues and the functions agree on it. */
export const maxTries = 5

/** In the drop bucket, files come under this prefix. */
export const dropPrefix = 'drop/'
/** And posts under this one: `posts/QUERY/DAY/FILE`, which are looked at once a day and kept for so many days. */
export const postsPrefix = 'posts/'
export const postsDays = 7
/** In the plates' bucket: uploads, and masked pictures. */
export const incomingPrefix = 'incoming/'
export const platesPrefix = 'plates/'
/** An upload that nobody has taken is gone after so many days. */
export const incomingDays = 1
/** Of one dropped file: more could not be read in a function's quarter of an hour. */
export const maxDroppedBytes = 1_000_000_000
/** Results are written under this prefix, which sends no notification. */
export const resultPrefix = 'results/'

export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * A function's configuration.
 * @throws ConfigError that lists the variables which are missing or malformed, and prints no value
 */
export const readConfig = <Name extends FunctionName>(
  name: Name,
  env: Readonly<Record<string, string | undefined>>,
): Config<Name> => {
  const wanted = Object.fromEntries(variables[name].map((variable) => [variable, true as const]))
  const read = named.pick(wanted as Record<Variable, true>).safeParse(env)
  if (read.success) return read.data as Config<Name>
  const wrong = [...new Set(read.error.issues.map(({ path }) => path.join('.')))]
  throw new ConfigError(
    `${name} lacks ${wrong.join(', ')} in its environment, or cannot read what stands there: deploy the stack again`,
  )
}
