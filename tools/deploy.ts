/**
 * Deploys a stage: `npm run deploy -- --stage prod`. Whatever else is said goes to `cdk deploy`, such as
 * `--require-approval never` or `-c alarmMail=watch@example.org`. Looks first whether anything that holds data would be
 * replaced, and whether the functions fit into the account; says last what is on and what is off.
 */
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda'
import cdkJson from '../cdk.json' with { type: 'json' }
import { messageOf } from '../lambdas/domain/core/text/thrown.ts'
import { type ConcurrencyLimit, concurrencyFindings } from '../lib/concurrency.ts'
import { replacementLines, replacements, type TemplateOf } from '../lib/replacements.ts'
import { firstDeploymentFlag, readSettings, type Settings } from '../lib/settings.ts'
import { whatIsOn } from '../lib/what-is-on.ts'
import { cdkWords, contextWords } from './cdk-words.ts'
import { type DeployedStacks, deployedStacks } from './deployed-stack.ts'
import { deployAssembly, synthesised, withFolder } from './run-cdk.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

/** Undefined where the credentials may not ask, which is told and no reason to stop. */
const concurrencyLimit = async (): Promise<ConcurrencyLimit | undefined> => {
  const client = new LambdaClient({})
  try {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}))
    const { ConcurrentExecutions: total, UnreservedConcurrentExecutions: unreserved } = AccountLimit ?? {}
    return total === undefined || unreserved === undefined ? undefined : { total, unreserved }
  } catch (error) {
    say(`whether the functions fit into the account is not known: ${messageOf(error)}`)
    return undefined
  } finally {
    client.destroy()
  }
}

const reservedIn = ({ Resources = {} }: TemplateOf): number =>
  Object.values(Resources).reduce((sum, { Properties }) => {
    const { ReservedConcurrentExecutions: reserved } = (Properties ?? {}) as { ReservedConcurrentExecutions?: number }
    return sum + (reserved ?? 0)
  }, 0)

/** False where something is refused. */
const fits = async (settings: Settings, deployed: TemplateOf): Promise<boolean> => {
  const limit = await concurrencyLimit()
  const findings = limit ? concurrencyFindings(settings, limit, reservedIn(deployed)) : []
  for (const { isRefused, text } of findings) say(`${isRefused ? 'refused' : 'note'}: ${text}`)
  return findings.every(({ isRefused }) => !isRefused)
}

const deploy = async (words: readonly string[], stacks: DeployedStacks, folder: string): Promise<number> => {
  const { context, profile, letGo, rest } = cdkWords(words)
  if (profile !== undefined) process.env.AWS_PROFILE = profile
  const settings = readSettings({ ...cdkJson.context, ...context }, await stacks.region())
  const stackName = `vigie-${settings.stage}`

  const stack = await stacks.find(stackName)
  const isFirst = stack.state !== 'there'
  const deployed = isFirst ? {} : await stacks.template(stackName)
  if (!(await fits(settings, deployed))) return 1
  if (stack.state === 'failed' && stack.isProtected) {
    say(
      `${stackName} failed when it was first deployed, and holds nothing: its termination protection goes, so that it can`,
    )
    await stacks.unprotect(stackName)
  }

  const next = await synthesised(
    stackName,
    contextWords({ ...context, ...(isFirst && { [firstDeploymentFlag]: 'true' }) }),
    `${folder}/first`,
  )
  if (!next) return 1
  const lost = replacements(deployed, next.template, letGo)
  if (lost.length > 0) {
    for (const line of replacementLines(lost)) say(line)
    return 1
  }
  const code = await deployAssembly(next, rest)
  if (code !== 0) {
    if (isFirst) say('nothing of it stays behind: docs/aws.md#a-failed-first-deployment')
    return code
  }
  // With --no-execute, say, there is still nothing to guard.
  const made = await stacks.find(stackName)
  if (made.state !== 'there') return 0
  if (isFirst) {
    say(`${stackName} stands: from now on it is guarded against deletion`)
    const guarded = await synthesised(stackName, contextWords(context), `${folder}/guarded`)
    const guardedCode = guarded ? await deployAssembly(guarded, rest) : 1
    if (guardedCode !== 0) return guardedCode
  }
  for (const line of whatIsOn(settings, made.outputs)) say(line)
  return 0
}

const stacks = deployedStacks()
try {
  process.exitCode = await withFolder((folder) => deploy(process.argv.slice(2), stacks, folder))
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
} finally {
  stacks.close()
}
