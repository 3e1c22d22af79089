/**
 * Restores a stage as far as it can be tried without harm: `node tools/restore-drill.ts --stage prod`. The table comes
 * back beside the one that works, as it was `--at` an instant; the archive is read and never written; keys are held
 * against the copies that you keep (`--key vigie.pem`, `--pseudonym-key FILE`). Ends with 1 where something would be
 * lost. docs/runbook.md says what to do in earnest.
 */
import { readFile } from 'node:fs/promises'
import { restoreTable } from '../bin/cli/restored-table.ts'
import { openStage, outputsOf, type Stage } from '../bin/cli/stage.ts'
import { say } from '../bin/cli/terminal.ts'
import type { Archive } from '../lambdas/archive/archive.ts'
import { readOrganisation } from '../lambdas/config/organisation-file.ts'
import { messageOf } from '../lambdas/domain/core/thrown.ts'
import { pseudonymKey, pseudonymOf } from '../lambdas/domain/detection/pseudonym.ts'
import { isSignedBy, type PublicKey, publicKeyOf } from '../lambdas/domain/report/signature.ts'
import { instantsIn } from '../lambdas/store/clock.ts'
import { openTable } from '../lambdas/store/table.dynamodb.ts'
import { drillRestore } from '../lambdas/usecases/archive/restore-drill.ts'
import { servicesOn } from '../lambdas/usecases/services.ts'
import { optionsOf, wrongUsage } from './usage.ts'

const values = optionsOf(
  `npm run drill -- --stage NAME
  --at INSTANT           the table as it was then, such as 2026-01-10T06:00:00Z; as of now where it is left out
  --key FILE             public keys in PEM that may have signed; again for another
  --pseudonym-key FILE   your copy of the secret of pseudonyms
  --editions N           so many of the newest reports are looked at: 10
  --home FOLDER          whose vigie.json says how reports look: .vigie
  --keep                 leaves the restored table
  --json                 the steps for machines`,
  {
    stage: { type: 'string' },
    at: { type: 'string' },
    key: { type: 'string', multiple: true },
    'pseudonym-key': { type: 'string' },
    editions: { type: 'string', default: '10' },
    home: { type: 'string', default: process.env.VIGIE_HOME || '.vigie' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
)

type Told = { readonly step: string; readonly ok: boolean; readonly said: string; readonly seconds: number }

const steps: Told[] = []
let began = performance.now()
/** Each step as it is done, with the seconds since the one before. */
const tell = (step: string, ok: boolean, said: string): void => {
  const seconds = Math.round((performance.now() - began) / 100) / 10
  began = performance.now()
  steps.push({ step, ok, said, seconds })
  say(`${ok ? '✓' : '✗'} ${step}: ${said} (${seconds} s)`)
}

/** A key that is kept outside, or wrong usage that names its option: nothing is restored before. */
const kept = async <Key>(option: string, file: string, keyIn: (text: string, file: string) => Key): Promise<Key> => {
  try {
    return keyIn(await readFile(file, 'utf8'), file)
  } catch (error) {
    return wrongUsage(`--${option}: ${messageOf(error)}`)
  }
}

type Kept = {
  readonly keys: readonly PublicKey[] | undefined
  /** Pseudonyms by the copy of the secret. */
  readonly copy: ReturnType<typeof pseudonymOf> | undefined
}

const readOnly = (archive: Archive): Archive => ({
  ...archive,
  put: async (key) => {
    throw new Error(`the drill would write ${key} into the archive`)
  },
})

/** The keys that cannot be made anew, against the copies outside. */
const tryKeys = async (stage: Stage, { keys, copy }: Kept): Promise<void> => {
  const own = await stage.signer.publicKey()
  const probe = new TextEncoder().encode('restore drill')
  const signs = isSignedBy(own, probe, await stage.signer.sign(probe))
  tell(
    'signing key',
    signs,
    signs ? `${own.fingerprint.slice(0, 16)} signs` : 'signs what its public key does not prove',
  )
  if (keys) {
    const isKept = keys.some(({ fingerprint }) => fingerprint === own.fingerprint)
    tell(
      'kept public key',
      isKept,
      isKept ? 'is the one that signs' : 'is not the one that signs: keep vigie archive key too',
    )
  } else tell('kept public key', true, 'was not given (--key): keep what vigie archive key prints outside the account')
  const { pseudonym } = await stage.pseudonyms()
  if (copy === undefined) {
    tell('pseudonym key', true, 'can be read; whether your copy is the same was not tried (--pseudonym-key)')
    return
  }
  const isSame = copy('drill') === pseudonym('drill')
  tell(
    'pseudonym key',
    isSame,
    isSame ? 'your copy is the same' : `${values['pseudonym-key']} is another: copy the secret again, and keep it`,
  )
}

const drill = async (name: string): Promise<void> => {
  const file = values['pseudonym-key']
  const keys = values.key && (await Promise.all(values.key.map((one) => kept('key', one, publicKeyOf))))
  const secretIn = (text: string, from: string) => pseudonymOf(pseudonymKey(text, from))
  const copy = file === undefined ? undefined : await kept('pseudonym-key', file, secretIn)
  const stage = await openStage(name)
  try {
    await tryKeys(stage, { keys, copy })
    const { TableName } = await outputsOf(name)
    const restored = await restoreTable(TableName, values.at)
    try {
      await restored.ready()
      const table = openTable({}, restored.name)
      try {
        const latest = await instantsIn(table).latest()
        tell('table', true, `${restored.name} holds what was stored until ${latest ?? 'nothing was'}`)
        const services = servicesOn({
          table,
          archive: readOnly(stage.archive),
          signer: stage.signer,
          printer: {
            print: async () => {
              throw new Error('the drill prints nothing')
            },
          },
          run: 'restore-drill',
          log: say,
          organisation: await readOrganisation(values.home),
        })
        for await (const { step, ok, said } of drillRestore(services, { keys, editions: Number(values.editions) }))
          tell(step, ok, said)
      } finally {
        table.close()
      }
    } finally {
      if (values.keep) tell('end', true, `${restored.name} is kept: it costs what it holds until you delete it`)
      else {
        await restored.remove()
        tell('end', true, `${restored.name} is deleted again`)
      }
      restored.close()
    }
  } finally {
    stage.close()
  }
}

const { stage } = values
if (stage === undefined) wrongUsage('--stage: name the stage whose restore is to be tried')
else if (values.at !== undefined && Number.isNaN(Date.parse(values.at)))
  wrongUsage(`--at: ${values.at} is no instant, such as 2026-01-10T06:00:00Z`)
else if (!/^\d{1,4}$/.test(values.editions)) wrongUsage(`--editions: ${values.editions} is no number, such as 10`)
else {
  try {
    await drill(stage)
  } catch (error) {
    tell('drill', false, messageOf(error))
  }
  const ok = steps.every((step) => step.ok)
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ok, steps })}\n`
      : `${ok ? 'nothing would be lost that is not named above' : 'not all would come back: see ✗'}\n`,
  )
  process.exitCode = ok ? 0 : 1
}
