# `make check` is what has to be green before a commit; ./test.sh runs the tests.
.PHONY: check format vet staticcheck walls reflect race build

check: format vet staticcheck walls reflect race

format:
	@test -z "$$(gofmt -l . | tee /dev/stderr)"

vet:
	go vet ./...

staticcheck:
	go tool -modfile=tools.mod staticcheck ./...

walls:
	go test -count=1 -run TestWalls .

# A call of reflect's Method or MethodByName with a name that the linker does
# not know keeps every method of every AWS type: about 97 MB of binary.
reflect:
	@test "$$(go build -ldflags=-dumpdep -o /dev/null ./cmd/everqual 2>&1 | grep -c '<ReflectMethod>')" = 0 || \
	  { echo "something reachable calls reflect Method with an unknown name; see docs/dependencies.md"; exit 1; }

# The race detector compiles everything anew: only what does without the AWS SDK.
race:
	go test -race . ./intake ./rule/... ./collect ./ledger/... ./specification ./assess ./report ./flow ./function ./home/embedded

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o everqual ./cmd/everqual
