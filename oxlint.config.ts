/** What the linter holds: no cycle of imports, and who may import whom (CONTRIBUTING.md has the table). */
import { defineConfig } from 'oxlint'

type Ban = { readonly group: string[]; readonly importNames?: string[]; readonly message: string }

const noCdk: Ban = { group: ['aws-cdk-lib', 'aws-cdk-lib/**', 'constructs'], message: 'Run time never imports CDK.' }

const noOwnS3: Ban = {
  group: ['@aws-sdk/client-s3'],
  importNames: ['S3Client'],
  message: 'Use openS3 of archive/client.s3.ts, whose errors name bucket, action and remedy.',
}

const room = (files: string[], ...bans: Ban[]) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: bans }] as ['error', object] },
})

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  jsPlugins: ['./tools/lint/vigie.ts'],
  categories: { correctness: 'error' },
  options: { denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['cdk.out', 'templates/**/*.js'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'no-console': 'error',
    'vigie/no-machine-clock': 'error',
    'vigie/no-long-spread': 'error',
    'vigie/imports': 'error',
    'vigie/faults': 'error',
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_$', ignoreRestSiblings: true }],
    'no-var': 'error',
    'prefer-const': 'error',
    'no-template-curly-in-string': 'error',
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    // The compiler knows better what a package exports.
    'import/default': 'off',
    // A part of an object that is there under a condition is spread.
    'unicorn/no-useless-spread': 'off',
    // Tests share their expectations by functions, and give them a word of their own.
    'vitest/expect-expect': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/no-standalone-expect': 'off',
    'vitest/require-to-throw-message': 'off',
    'vitest/valid-expect': 'off',
  },
  overrides: [
    {
      // The two modules that hand out a clock, and what measures this machine.
      files: ['lambdas/config/clock.ts', 'test/support/{clock,moved-date}.ts', 'bench/**', 'tools/**'],
      rules: { 'vigie/no-machine-clock': 'off' },
    },
    {
      // Their lists are as long as they were written.
      files: ['test/**', 'bench/**', 'tools/**'],
      rules: { 'vigie/no-long-spread': 'off' },
    },
    {
      files: ['lambdas/domain/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                group: ['node:*', '!node:crypto', '@aws-sdk/**', 'aws-cdk-lib', 'aws-cdk-lib/**'],
                message: 'domain/ does no I/O: of node it has crypto, for hashes.',
              },
            ],
          },
        ],
        'no-restricted-globals': [
          'error',
          { name: 'process', message: 'The domain knows no environment.' },
          { name: 'fetch', message: 'The domain does no I/O.' },
        ],
      },
    },
    room(
      ['lambdas/intake/**', 'lambdas/web/**'],
      { group: ['@aws-sdk/**'], message: 'What speaks to AWS is given to intake/ and web/.' },
      noCdk,
    ),
    room(['lambdas/{store,archive,mail,keys,render}/**'], noCdk, noOwnS3),
    room(['lambdas/usecases/**'], noCdk),
    room(
      ['lambdas/*.ts', 'lambdas/runtime/**'],
      {
        group: ['@aws-lambda-powertools/logger'],
        message: 'Use openLogger of runtime/logger.ts, which refuses fields that Powertools drops.',
      },
      noCdk,
    ),
    room(['lib/**', 'bin/app.ts'], {
      group: ['aws-cdk-lib/aws-cloudwatch'],
      importNames: ['Alarm', 'CompositeAlarm'],
      message: 'Use Alarms.add, which mails when an alarm begins and ends.',
    }),
  ],
})
