package specification_test
import ("testing";"os";"github.com/everqual/everqual/specification";"time")
func TestZ(t *testing.T){ b,_:=os.ReadFile("/tmp/try.json"); s0:=time.Now(); _,p:=specification.Parse("try.json",b); t.Log(time.Since(s0)); s0=time.Now(); specification.Parse("try.json",b); t.Log(time.Since(s0)); for _,x:=range p {t.Log(x.Error())} }
