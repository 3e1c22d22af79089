import { type Finding, good, broken, note } from './finding.ts'

/** AWS Lambda, "Lambda runtimes". No function can be created from June on, nor updated from July on. */
export const lambdaRuntime = { name: 'nodejs24.x', deprecated: '2028-04-30' } as const

/** Milliseconds. */
const warnedMs = 183 * 86_400_000

/** @param now ISO instant */
export const runtimeFinding = (now: string): Finding => {
  const check = 'runtime'
  const { name, deprecated } = lambdaRuntime
  const left = Date.parse(deprecated) - Date.parse(now)
  const remedy = 'upgrade to a version of Vigie on a newer runtime (CHANGELOG.md), and deploy'
  if (left <= 0) return broken(check, `${name} has had no security updates since ${deprecated}`, remedy)
  const until = `${name} is supported until ${deprecated}`
  return left <= warnedMs ? note(check, `${until}: ${remedy}`) : good(check, until)
}
