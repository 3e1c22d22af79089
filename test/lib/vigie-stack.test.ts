import { App, Validations } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { AwsSolutionsChecks } from 'cdk-nag'
import { describe, expect, test } from 'vitest'
import { VigieStack } from '../../lib/vigie-stack.ts'

const template = () => Template.fromStack(new VigieStack(new App(), 'Test', {}))

describe('the stack', () => {
  test('keeps the table and the archive whatever becomes of the stack', () => {
    const resources = Object.values(template().toJSON().Resources) as { Type: string; DeletionPolicy?: string }[]
    const stateful = resources.filter(({ Type }) => /GlobalTable|S3::Bucket$/.test(Type))
    expect(stateful).toHaveLength(3)
    expect(stateful.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(Array(3).fill('Retain'))
  })

  test('denies writes into the archive that could replace an object', () => {
    template().hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Action: 's3:PutObject',
            Condition: { Null: { 's3:if-none-match': 'true' } },
          }),
        ]),
      },
    })
  })

  test('passes AwsSolutions', () => {
    const app = new App()
    new VigieStack(app, 'Test', {})
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(() => app.synth()).not.toThrow()
  })
})
