#!/usr/bin/env bash
# dynamodb.sh GROUP:ARTIFACT:VERSION FOLDER: copies a Maven artifact and all that it needs into a folder.
set -euo pipefail
IFS=: read -r group artifact version <<<"$1"
folder=$(realpath -m "$2")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>everqual</groupId><artifactId>tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version></dependency>
  </dependencies>
</project>
XML
mvn -q -B -f "$dir/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder"
