// veraPDF, the validator of the PDF Association, from Maven Central. It runs on the Java and with the Maven of the PATH, or else on
// those of Debian's packages.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../config.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { runLimited } from '../../dev/embedded/run-limited.ts';

const VERSION = '1.30.2';
const INSTALL_MS = 280_000;
const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>tenor</groupId><artifactId>verapdf</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.verapdf</groupId><artifactId>validation-model</artifactId><version>${VERSION}</version>
  </dependency></dependencies>
</project>`;

/** PDF/A-3b, and PDF/UA-1, whose rules check the structure tree. */
type Flavour = '3b' | 'ua1';

/** The rules of the flavour that each file breaks. */
export async function brokenRules(flavour: Flavour, files: readonly Uint8Array[]): Promise<string[][]> {
  const libraries = await librariesFolder();
  const folder = temporaryDataDir('tenor-verapdf-');
  const paths = files.map((bytes, n) => {
    const path = join(folder, `${n}.pdf`);
    writeFileSync(path, bytes);
    return path;
  });
  const program = fileURLToPath(new URL('ValidatePdf.java', import.meta.url));
  const args = ['-cp', join(libraries, '*'), program, flavour, ...paths];
  const { stdout } = await runLimited('java', args, { overallMs: 170_000 });
  rmSync(folder, { recursive: true });
  const answers = stdout.split('\n').filter((line) => line.startsWith('broken: '));
  if (answers.length !== files.length) throw new Error(`veraPDF answered for ${answers.length} files`);
  return answers.map((line) =>
    line
      .split(' ')
      .slice(1)
      .filter((rule) => rule !== ''),
  );
}

/** The folder of veraPDF's libraries. They are downloaded once into the cache folder. */
async function librariesFolder(): Promise<string> {
  const { environment, cacheDir } = loadConfig();
  const folder = join(cacheDir, `verapdf-${VERSION}`);
  if (existsSync(folder)) return folder;
  const isFound = (program: string): boolean =>
    (environment['PATH'] ?? '').split(delimiter).some((each) => existsSync(join(each, program)));
  mkdirSync(cacheDir, { recursive: true });
  const draft = mkdtempSync(join(cacheDir, 'verapdf-'));
  writeFileSync(join(draft, 'pom.xml'), POM);
  try {
    if (!isFound('mvn') || !isFound('javac')) await installJava();
    const copy = ['-q', '-B', '-f', join(draft, 'pom.xml'), 'dependency:copy-dependencies'];
    await runLimited('mvn', [...copy, `-DoutputDirectory=${join(draft, 'lib')}`], { overallMs: INSTALL_MS });
  } catch (error) {
    throw new Error(
      'this tier needs a JDK (17 or newer) and Maven: put them on the PATH, or run it as root on a Debian',
      {
        cause: error,
      },
    );
  }
  if (!existsSync(folder)) renameSync(join(draft, 'lib'), folder);
  rmSync(draft, { recursive: true });
  return folder;
}

async function installJava(): Promise<void> {
  const packages = 'apt-get update && apt-get install -y --no-install-recommends maven default-jdk-headless';
  await runLimited('sh', ['-c', packages], { overallMs: INSTALL_MS });
}
