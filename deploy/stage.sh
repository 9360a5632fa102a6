#!/usr/bin/env bash
# Puts into target/image what the images of the runner and of the reference broker are made of: this project's jars, their class path,
# and the report's generator. Needs a JDK 17 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
image=target/image
rm -rf "$image"
mkdir -p "$image/lib"
./mvnw -B -ntp -DskipTests package \
    dependency:copy-dependencies "-DoutputDirectory=$PWD/$image/lib" -DincludeScope=test \
    dependency:unpack@allure-commandline
# Not the sources' jar.
cp target/havoq-*-tests.jar "$image/lib/havoq-tests.jar"
for jar in target/havoq-*.jar; do
    case $jar in
        *-tests.jar | *-sources.jar) ;;
        *) cp "$jar" "$image/lib/havoq.jar" ;;
    esac
done
allure=(target/allure-commandline/allure-*)
cp -r "${allure[0]}" "$image/allure"
cp allure/categories.json deploy/runner/run.sh "$image/"
chmod 755 "$image/run.sh"
echo "staged: $PWD/$image"
